"""Finds connections whose path to the database is dead, though each side believes in the other."""

from __future__ import annotations

import time
from dataclasses import dataclass

from rollcall.database.worker_connection import WorkerConnection, open_connections
from rollcall.imports.running import sessions


@dataclass(frozen=True)
class _Silence:
    """That both sides wait: the client since `waiting_since`, the server in a state `stall`."""

    waiting_since: float
    stall: str
    seen_since: float


class DeadPaths:
    """Compares what both sides of connections that wait are at, one look after the other.

    The client waits for the server; that waits for the client, or has no such session. When this is
    so at every look for as long as a lease, and nothing at all has changed, then what one of them
    has sent does not arrive. A server that waits for a lock or a disk, or works, is not meant, and
    neither is a client that computes, or a network that is slow.

    Args:
        seconds: how long a lease lasts.
        worth_a_look: connections that have waited for fewer seconds are not asked for.
    """

    def __init__(self, seconds: float, worth_a_look: float):
        self._seconds = seconds
        self._worth_a_look = worth_a_look
        self._silences: dict[WorkerConnection, _Silence] = {}
        self._looked = 0.0

    def find(self, asking: WorkerConnection) -> list[WorkerConnection]:
        """Look at all connections of this process over one of them; return those that are dead."""
        now = time.monotonic()
        if now - self._looked > self._seconds / 2:
            # As after this process was frozen: what is unread by now may have arrived long ago.
            self._silences = {}
        self._looked = now
        waiting = {
            each: since
            for each in open_connections()
            if (since := each.waiting_since) is not None and now - since > self._worth_a_look
        }
        stalls = sessions.find_stalls(asking, [each.session for each in waiting])
        self._silences = {
            each: self._continued(each, _Silence(since, stall, now))
            for (each, since), stall in zip(waiting.items(), stalls, strict=True)
            if stall is not None
        }
        return [
            each
            for each, silence in self._silences.items()
            if now - silence.seen_since >= self._seconds
            and each.waiting_since == silence.waiting_since
        ]

    def _continued(self, connection: WorkerConnection, seen: _Silence) -> _Silence:
        before = self._silences.get(connection)
        if before is None or before.waiting_since != seen.waiting_since:
            return seen
        # A session that the server has ended for its silence has said so, and nobody has heard it.
        return before if seen.stall in (before.stall, sessions.GONE) else seen
