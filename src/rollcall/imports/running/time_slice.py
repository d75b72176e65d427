"""When a run has to give its import back, so that another one has its turn."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from rollcall.database.connections import Connection
from rollcall.imports.kinds import Lane
from rollcall.imports.running import claims
from rollcall.imports.running.at_work import AtWork
from rollcall.imports.running.leases import Lease


@dataclass(kw_only=True)
class TimeSlice:
    """The time of one run, from now on.

    Args:
        lease: of the import.
        lane: where the imports stand that it takes turns with.
        seconds: after how many it is looked whether another team waits.
        stop: ends it when it is set.
        at_work: the runs of this process.
        is_dry: whether nothing else ends it: a dry run has but one run.
        is_trial: whether it ends after one batch.
    """

    lease: Lease
    lane: Lane
    seconds: float
    stop: threading.Event
    at_work: AtWork
    is_dry: bool
    is_trial: bool
    _begin: float = field(default_factory=time.monotonic)

    def is_over(self, connection: Connection) -> bool:
        """Tell by a connection whether the run is to end after the batch just committed."""
        if self.stop.is_set():
            return True
        if self.is_dry:
            return False
        if self.is_trial:
            return True
        if time.monotonic() < self._begin + self.seconds:
            return False
        suspects = not self.at_work.alone.locked()
        return claims.is_turn_over(connection, self.lease, self.lane, suspects=suspects)
