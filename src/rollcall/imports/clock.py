"""The database's clock, told by a worker: the clocks of machines may be a day apart."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DatabaseClock:
    """What the database's clock said once, carried on by how much time has passed here since.

    Args:
        milliseconds: what it said, since 1970.
        told_at: when that was, by the clock that only ever goes forward.
    """

    milliseconds: int
    told_at: float = field(default_factory=time.monotonic)

    def now(self) -> int:
        """Return what it says now, in milliseconds since 1970."""
        return self.milliseconds + int((time.monotonic() - self.told_at) * 1000)
