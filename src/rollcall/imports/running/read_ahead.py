"""Run an iterator in a thread of its own, a few items ahead of its consumers."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

# How long a thread that reads is waited for if there is no time to lose.
HURRY_SECONDS = 1.0

Item = TypeVar("Item")
# How often it is looked at whether a thread that is waited for is stuck.
JOIN_SECONDS = 0.2


def as_exception(error: BaseException) -> Exception:
    """Return an error as one that is handled as any other: a panic of polars is no Exception."""
    if isinstance(error, Exception):
        return error
    wrapped = RuntimeError(repr(error))
    wrapped.__cause__ = error
    return wrapped


class ReadAhead(Generic[Item]):
    """Takes `items` in a thread and gives them to others, of which there may be several.

    Leaving the context stops the thread and waits for it, unless it is stuck: it is then abandoned,
    and ends by itself when it goes on.

    Args:
        items: what is read; an error in it is raised once, behind the items before it.
        ahead: how many items are kept at most.
        patience: the seconds after which somebody who waits for an item does something else.
        is_stuck: tells whether the thread waits for something that may never come.
        hurry: set it to have the thread waited for no longer than a moment.
    """

    def __init__(
        self,
        items: Iterator[Item],
        *,
        ahead: int,
        patience: float,
        hurry: threading.Event,
        is_stuck: Callable[[], bool] = lambda: False,
    ):
        self._items = items
        self._ahead = ahead
        self._patience = patience
        self._is_stuck = is_stuck
        self._hurry = hurry
        self._ready: deque[Item] = deque()
        self._error: Exception | None = None
        self._is_ended = False
        self._is_stopped = False
        self._condition = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="read-ahead", daemon=True)

    def __enter__(self) -> ReadAhead[Item]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        deadline: float | None = None
        while self._thread.is_alive() and not self._is_stuck():
            self._thread.join(JOIN_SECONDS)
            if self._hurry.is_set():
                deadline = deadline or time.monotonic() + HURRY_SECONDS
                if time.monotonic() > deadline:
                    break
        if self._thread.is_alive():
            log.warning("reading takes too long and is left to itself")

    @property
    def is_abandoned(self) -> bool:
        """Whether the thread may still be at work although the context was left."""
        return self._thread.is_alive()

    def take(self, while_waiting: Callable[[], None]) -> Item | None:
        """Return the next item, or None when there is none; while it is waited for, call this."""
        while True:
            with self._condition:
                if self._condition.wait_for(self._is_worth_waking, self._patience):
                    return self._next()
            while_waiting()

    def stop(self) -> None:
        """Give no more items to anybody."""
        with self._condition:
            self._is_stopped = True
            self._condition.notify_all()

    def _is_worth_waking(self) -> bool:
        return bool(self._ready) or self._is_ended or self._is_stopped

    def _next(self) -> Item | None:
        if self._is_stopped:
            return None
        if self._ready:
            item = self._ready.popleft()
            self._condition.notify_all()
            return item
        error, self._error = self._error, None
        if error:
            raise error
        return None

    def _read(self) -> None:
        try:
            while self._put_next():
                pass
        except BaseException as error:  # noqa: BLE001  (raised again where the items are used)
            self._error = as_exception(error)
        with self._condition:
            self._is_ended = True
            self._condition.notify_all()

    def _put_next(self) -> bool:
        """Read an item, and keep it as soon as there is room; False when that was all."""
        for item in self._items:
            with self._condition:
                self._condition.wait_for(lambda: len(self._ready) < self._ahead or self._is_stopped)
                self._ready.append(item)
                self._condition.notify_all()
                return not self._is_stopped
        return False
