"""The threads that work on imports: some for small files, some for large ones, one for dry runs.

A small file never waits for a large one, and no import for a large dry run.
Within a lane the teams take turns; see `queue`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

from rollcall.imports import queue
from rollcall.imports.kinds import Lane
from rollcall.imports.queue import Claim
from rollcall.imports.run import RunLimits, RunMeans, run_import
from rollcall.imports.seen import PausedEmails
from rollcall.storage import Storage

log = structlog.get_logger(__name__)

# Two, so that a small file which waits for a lock, as when its contacts are in a running batch of
# another import, does not hold up the others.
SMALL_AT_ONCE = 2
# Of one import. A third would find no work: reading the file keeps up with two.
LARGE_CONNECTIONS = 2
# A large dry run takes as long as it takes, so it has a thread that no import waits for.
DRY_RUNS_AT_ONCE = 1
# How often somebody without work looks for some, in case a bell was not heard.
LOOK_EVERY_SECONDS = 1.0

Connect = Callable[[], psycopg.Connection[Any]]


class _Bell:
    """Wakes all threads that wait; one that rings while nobody waits is heard by the next."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        return self._rung

    def ring(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, heard: int, timeout: float) -> None:
        """Wait for a bell after the first `heard` ones."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung > heard, timeout)


@dataclass(kw_only=True)
class Lanes:
    """Runs imports until it is stopped; `large_at_once` of the large ones at a time.

    Large dry runs are not among these: one of them at a time runs besides.

    Args:
        connect: makes a connection in autocommit mode; each thread has its own.
        storage: where uploaded files are.
        large_at_once: how many large imports run at the same time.
        batch_rows: records in one batch.
        lease_seconds: how long a silent run keeps its import.
    """

    connect: Connect
    storage: Storage
    large_at_once: int
    batch_rows: int
    lease_seconds: float
    _paused: PausedEmails = field(default_factory=PausedEmails)
    _bell: _Bell = field(default_factory=_Bell)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to look for imports."""
        lanes = [
            *[Lane.SMALL] * SMALL_AT_ONCE,
            *[Lane.LARGE] * self.large_at_once,
            *[Lane.DRY_RUN] * DRY_RUNS_AT_ONCE,
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"{lane}-{number}")
            for number, lane in enumerate(lanes)
        ]
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """Have whoever is free look for an import at once."""
        self._bell.ring()

    def stop(self) -> None:
        """Give every import back after its current batch; return when that is done."""
        self._stop.set()
        self._bell.ring()
        for thread in self._threads:
            thread.join()

    def _work(self, lane: Lane) -> None:
        while not self._stop.is_set():
            try:
                with self.connect() as connection:
                    self._run_imports(connection, lane)
            except Exception:
                # The import has been given back and is tried again; see `run`. It is not to end
                # this thread, and neither is a database that is away for a while.
                log.exception("import run broken off")
                self._stop.wait(LOOK_EVERY_SECONDS)

    def _run_imports(self, connection: psycopg.Connection[Any], lane: Lane) -> None:
        connections = LARGE_CONNECTIONS if lane is Lane.LARGE else 1
        limits = RunLimits(batch_rows=self.batch_rows, lane=lane, connections=connections)
        while not self._stop.is_set():
            heard = self._bell.rung
            claim = queue.claim_next(connection, lane, self.lease_seconds)
            if claim is None:
                self._bell.wait(heard, LOOK_EVERY_SECONDS)
            elif claim.options.dry_run:
                with self.connect() as own:
                    self._run(own, claim, limits)
            else:
                self._run(connection, claim, limits)

    def _run(self, connection: psycopg.Connection[Any], claim: Claim, limits: RunLimits) -> None:
        lease = claim.lease
        with structlog.contextvars.bound_contextvars(
            import_id=str(lease.import_id), team_id=str(lease.team_id)
        ):
            outcome = run_import(connection, claim, self._means(), limits)
            log.info("import run ended", outcome=outcome.value)

    def _means(self) -> RunMeans:
        return RunMeans(
            storage=self.storage, connect=self.connect, stop=self._stop, paused=self._paused
        )
