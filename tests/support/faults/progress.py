"""When imports have got on, seen from the database: how long nothing did while there was work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

EVERY_SECONDS = 0.1
COUNTS = """
SELECT coalesce(sum(total), 0)::bigint, count(*) FILTER (WHERE status IN ('completed', 'failed')),
    count(*) FILTER (WHERE status IN ('queued', 'in_progress'))
FROM contact_imports
"""


@dataclass
class Progress:
    """Looks again and again in a thread of its own, whatever becomes of the database.

    `gaps` are the times without progress while imports were to be done, from and until when.
    """

    connect: Callable[[], psycopg.Connection[Any]]
    clock: Callable[[], float] = time.monotonic
    gaps: list[tuple[float, float]] = field(default_factory=list)
    # How much was seen to be done, and how many imports there were to do.
    done: tuple[int, int] = (0, 0)
    open: int = 0
    _since: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until `end` is called."""
        while not self._ended.is_set():
            try:
                with self.connect() as connection:
                    while not self._ended.wait(EVERY_SECONDS):
                        row = connection.execute(COUNTS).fetchone()
                        assert row is not None
                        self._note(*row)
            except psycopg.Error:
                self._ended.wait(EVERY_SECONDS)

    def end(self) -> None:
        self._ended.set()

    def longest_gap(self, begin: float, end: float) -> float:
        """Return the longest time without progress of which a part lies between two moments."""
        now = (self._since, self.clock()) if self.open else (0.0, 0.0)
        return max(
            (until - since for since, until in [*self.gaps, now] if since < end and until > begin),
            default=0.0,
        )

    def _note(self, total: int, ended: int, still_open: int) -> None:
        now = self.clock()
        if (total, ended) != self.done or not self.open:
            if self.open:
                self.gaps.append((self._since, now))
            self._since = now
        self.done, self.open = (total, ended), still_open
