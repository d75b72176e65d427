"""The threads that work on imports: some for small files, some for large ones, one for dry runs.

A small file never waits for a large one, and no import for a large dry run.
Within a lane the teams take turns; see `claims`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

from rollcall.database.worker_connection import ConnectWorker
from rollcall.imports.kinds import Lane
from rollcall.imports.running import claims, giving_back
from rollcall.imports.running.alone import run_alone
from rollcall.imports.running.at_work import AtWork
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.keeper import Keeper
from rollcall.imports.running.paused import PausedEmails
from rollcall.imports.running.run import RunLimits, RunMeans, run_import
from rollcall.storage.guard import FRESH_SECONDS
from rollcall.storage.objects import Storage

log = structlog.get_logger(__name__)

# Two, so that a small file which waits for a lock, as when its contacts are in a running batch of
# another import, does not hold up the others.
SMALL_AT_ONCE = 2
# Of one import. A third would find no work: reading the file keeps up with two.
LARGE_CONNECTIONS = 2
# A large dry run takes as long as it takes, so it has a thread that no import waits for.
DRY_RUNS_AT_ONCE = 1
# How often somebody without work looks for some, in case it was not notified.
LOOK_EVERY_SECONDS = 1.0


class _RunBrokenOff(Exception):
    """A run has ended with an error, which has been logged; its connection may be of no use."""


class _WakeUp:
    """Wakes all threads that wait; what happens while nobody waits is noticed by the next."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def wake(self) -> None:
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Wait until it was woken more often than `seen` times."""
        with self._condition:
            self._condition.wait_for(lambda: self._count > seen, timeout)


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
        find_storage_problem: tells what is wrong with the storage as a whole, if anything; what it
            says may be so many seconds old. While there is something, no import is touched.
        storage_patience: how many seconds a read may take.
        at_work: the runs of all threads.
    """

    connect: ConnectWorker
    storage: Storage
    large_at_once: int
    batch_rows: int
    lease_seconds: float
    find_storage_problem: Callable[[float], str | None] = lambda _: None
    storage_patience: float = 60.0
    at_work: AtWork = field(default_factory=AtWork)
    _paused: PausedEmails = field(default_factory=PausedEmails)
    _wake_up: _WakeUp = field(default_factory=_WakeUp)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to look for imports."""
        lanes = [
            *[Lane.SMALL] * SMALL_AT_ONCE,
            *[Lane.LARGE] * self.large_at_once,
            *[Lane.DRY_RUN] * DRY_RUNS_AT_ONCE,
        ]
        self._keeper = Keeper(
            connect=self.connect,
            at_work=self.at_work,
            lease_seconds=self.lease_seconds,
            stop=self._stop,
            found_work=self.wake,
        )
        self._keeper.start()
        # One that hangs does not keep the process from ending.
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"{lane}-{number}", daemon=True)
            for number, lane in enumerate(lanes)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Have whoever is free look for an import at once."""
        self._wake_up.wake()

    def begin_to_stop(self) -> None:
        """Have every import given back after its current batch."""
        self._stop.set()
        self._wake_up.wake()

    def stop(self) -> None:
        """Have every import given back, and return when that is done."""
        self.begin_to_stop()
        for thread in self._threads:
            thread.join()
        self._keeper.end()

    def _work(self, lane: Lane) -> None:
        is_away = False
        while not self._stop.is_set():
            try:
                with self.connect() as connection:
                    is_away = False
                    self._run_imports(connection, lane)
            # The import has been given back and is tried again; see `run`. It is not to end this
            # thread, and neither is a database that is away for a while.
            except psycopg.OperationalError as error:
                if not is_away:
                    log.warning("database connection lost", lane=lane, reason=str(error).strip())
                is_away = True
                self._stop.wait(LOOK_EVERY_SECONDS)
            except Exception as error:
                if not isinstance(error, _RunBrokenOff):
                    log.exception("no import can be looked for")
                self._stop.wait(LOOK_EVERY_SECONDS)

    def _run_imports(self, connection: psycopg.Connection[Any], lane: Lane) -> None:
        connections = LARGE_CONNECTIONS if lane is Lane.LARGE else 1
        limits = RunLimits(batch_rows=self.batch_rows, lane=lane, connections=connections)
        while not self._stop.is_set():
            seen = self._wake_up.count
            if self.find_storage_problem(FRESH_SECONDS):
                self._stop.wait(LOOK_EVERY_SECONDS)
                continue
            suspects = not self.at_work.alone.locked()
            claim = claims.claim_next(connection, lane, self.lease_seconds, suspects=suspects)
            if claim is None:
                self._wake_up.wait(seen, LOOK_EVERY_SECONDS)
            else:
                self._run(connection, claim, limits)

    def _run(self, connection: psycopg.Connection[Any], claim: Claim, limits: RunLimits) -> None:
        lease = claim.lease
        with structlog.contextvars.bound_contextvars(
            import_id=str(lease.import_id), team_id=str(lease.team_id)
        ):
            try:
                outcome = self._run_somewhere(connection, claim, limits)
            except psycopg.OperationalError:
                raise
            except Exception as error:
                # Here the log knows of which import.
                log.exception("import run broken off")
                raise _RunBrokenOff from error
            log.info("import run ended", outcome=outcome)

    def _run_somewhere(
        self, connection: psycopg.Connection[Any], claim: Claim, limits: RunLimits
    ) -> str:
        if claim.is_suspect and not (claim.is_cancelled or claim.is_given_up):
            try:
                return run_alone(connection, claim, self._means(), limits)
            finally:
                # Others may wait for being tried alone, in other lanes too.
                self.wake()
        if claim.options.dry_run:
            with self._connect_for(claim, connection) as own:
                return run_import(own, claim, self._means(), limits).value
        return run_import(connection, claim, self._means(), limits).value

    def _connect_for(
        self, claim: Claim, connection: psycopg.Connection[Any]
    ) -> psycopg.Connection[Any]:
        try:
            return self.connect()
        except psycopg.OperationalError as error:
            # Nothing runs yet that would do so.
            giving_back.give_back_for(error, connection, self.connect, claim.lease)
            raise

    def _means(self) -> RunMeans:
        return RunMeans(
            storage=self.storage,
            connect=self.connect,
            stop=self._stop,
            paused=self._paused,
            find_storage_problem=lambda: self.find_storage_problem(0),
            storage_patience=self.storage_patience,
            at_work=self.at_work,
        )
