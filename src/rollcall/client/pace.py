"""How fast an import is, and how long it will still take, from what was seen of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from rollcall.client.answers import ImportState

# Rows are committed in batches, so a shorter look back would see bursts and standstills.
WINDOW_SECONDS = 30.0


@dataclass(frozen=True)
class _Sample:
    moment: float
    rows: int
    progress: float | None


class Pace:
    """Looks back at the last half minute."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque()
        self._told: float | None = None

    def see(self, state: ImportState, moment: float) -> None:
        """Take in an import's state at a moment, in seconds of any clock."""
        self._told = state.rows_per_second
        if state.status != "in_progress":
            return
        if self._samples and state.counts.total < self._samples[-1].rows:
            # A dry run that was interrupted begins anew.
            self._samples.clear()
        self._samples.append(_Sample(moment, state.counts.total, state.progress))
        while moment - self._samples[0].moment > WINDOW_SECONDS:
            self._samples.popleft()

    @property
    def rows_per_second(self) -> float | None:
        """The server's own measure, otherwise what was seen; None as long as that is nothing."""
        if self._told is not None:
            return self._told
        if not self._samples:
            return None
        first, last = self._samples[0], self._samples[-1]
        if last.rows == first.rows:
            return None
        return (last.rows - first.rows) / (last.moment - first.moment)

    @property
    def seconds_left(self) -> float | None:
        """The rest of the file at the pace of the last half minute; None if there is none."""
        if not self._samples:
            return None
        first, last = self._samples[0], self._samples[-1]
        if first.progress is None or last.progress is None or last.progress <= first.progress:
            return None
        share_per_second = (last.progress - first.progress) / (last.moment - first.moment)
        return (1 - last.progress) / share_per_second
