"""Batches that are at work at the same time are committed in the order of the file."""

from __future__ import annotations

import math
import threading


class OutOfTurn(Exception):
    """The batches before this one are not committed yet."""


class BrokenOff(Exception):
    """A batch before this one has failed."""


class CommitOrder:
    """Whose turn it is to commit; batches are numbered from 0."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next = 0
        self._failed = math.inf

    def wait(self, number: int, timeout: float | None = None) -> None:
        """Return when all batches before a number are committed.

        Raises:
            OutOfTurn: that took longer than `timeout` seconds.
            BrokenOff: it will not happen.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._next >= number or self._failed < number, timeout)
            if self._failed < number:
                raise BrokenOff
            if self._next < number:
                raise OutOfTurn

    def end(self, number: int) -> None:
        """Let the next batch commit."""
        with self._condition:
            self._next = number + 1
            self._condition.notify_all()

    def break_off(self, number: int) -> None:
        """Have those that wait for a batch that failed wait no longer."""
        with self._condition:
            self._failed = min(self._failed, number)
            self._condition.notify_all()
