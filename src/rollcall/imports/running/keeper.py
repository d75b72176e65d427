"""Sees to the runs of a process while they are busy: one connection, one look after the other.

It keeps their leases while a batch takes its time, ends the sessions of leases that are over, has
runs end that wait where they cannot hear that they should, and breaks off what waits for a database
from which no answer comes through. What it says to the database all the time is also how others
know that the process is alive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import psycopg
import structlog

from rollcall.database.connections import Connection
from rollcall.database.heartbeat import session_name
from rollcall.database.worker_connection import ConnectWorker, WorkerConnection, open_connections
from rollcall.imports.kinds import ROW_FORMAT
from rollcall.imports.running import sessions
from rollcall.imports.running.at_work import AtWork, RunAtWork
from rollcall.imports.running.dead_paths import DeadPaths
from rollcall.metrics.catalogue import SILENT_SESSIONS_ENDED

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0
# How long a run that is to end is waited for, before what it does in the database is cancelled.
PATIENCE_SECONDS = 3.0
MAX_PAUSE_SECONDS = 5.0


@dataclass(kw_only=True)
class Keeper:
    """Two threads: one that asks the database, one that notices when there is no answer.

    Args:
        connect: makes a connection in autocommit mode.
        at_work: the runs.
        lease_seconds: how long their leases last.
        stop: set when all runs are to end.
        found_work: called when an import may have become free.
        name: of the session, as in `pg_stat_activity`.
    """

    connect: ConnectWorker
    at_work: AtWork
    lease_seconds: float
    stop: threading.Event
    found_work: Callable[[], None] = lambda: None
    name: str = field(default_factory=lambda: session_name(ROW_FORMAT))
    _ended: threading.Event = field(default_factory=threading.Event)
    _answered: float = field(default_factory=time.monotonic)
    _renewed: float = 0
    _asking: WorkerConnection | None = None
    _is_away: bool = False

    def __post_init__(self) -> None:
        self._dead_paths = DeadPaths(self.lease_seconds, self._every)

    def start(self) -> None:
        """Begin to look."""
        for work in (self._ask, self._watch):
            threading.Thread(target=work, name=f"keeper{work.__name__}", daemon=True).start()

    def end(self) -> None:
        """Look no more; what hangs is left to itself."""
        self._ended.set()

    @property
    def _every(self) -> float:
        return min(LOOK_EVERY_SECONDS, self.lease_seconds / 5)

    def _ask(self) -> None:
        pause = self._every
        while not self._ended.is_set():
            try:
                self._look_again_and_again()
            except psycopg.OperationalError as error:
                if not self._is_away:
                    log.warning("database is away", reason=str(error).strip())
                self._is_away = True
            except Exception:
                log.exception("leases are not kept")
                # An answer all the same.
                self._note_answer()
            self._ended.wait(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS, self.lease_seconds / 3)

    def _look_again_and_again(self) -> None:
        with self.connect() as connection:
            self._asking = connection
            try:
                connection.execute("SELECT set_config('application_name', %s, false)", (self.name,))
                self._note_answer()
                while not self._ended.wait(self._every):
                    self._look(connection)
                    self._note_answer()
            finally:
                self._asking = None

    def _look(self, connection: WorkerConnection) -> None:
        runs = self.at_work.all()
        own = [run.lease for run in runs]
        if time.monotonic() - self._renewed > self.lease_seconds / 4:
            sessions.renew(connection, [run.lease for run in runs if run.keeps_lease])
            self._renewed = time.monotonic()
        ended = sessions.end_abandoned(connection, own, self.lease_seconds)
        for session in ended:
            SILENT_SESSIONS_ENDED.add()
            log.warning(
                "session of a silent worker ended",
                import_id=str(session.import_id),
                team_id=str(session.team_id),
                backend_pid=session.backend_pid,
            )
        if ended:
            self.found_work()
        self._end_those_that_should(connection, runs)
        dead = self._dead_paths.find(connection)
        self._break_off(dead, "a connection to the database is dead")

    def _end_those_that_should(self, connection: Connection, runs: list[RunAtWork]) -> None:
        cancelled = sessions.find_cancelled(connection, [run.lease for run in runs])
        overdue = [
            run
            for run in runs
            if (self.stop.is_set() or run.lease.owner in cancelled)
            and run.wants_end() > PATIENCE_SECONDS
        ]
        for run in overdue:
            if not run.is_overdue:
                log.warning(
                    "batch waits too long and is cancelled",
                    import_id=str(run.lease.import_id),
                    team_id=str(run.lease.team_id),
                )
            run.is_overdue = True
        if overdue:
            sessions.cancel(connection, [run.lease for run in overdue])

    def _note_answer(self) -> None:
        self._answered = time.monotonic()
        if self._is_away:
            log.warning("database is back")
        self._is_away = False

    def _watch(self) -> None:
        """See to the keeper itself, and break off what waits when the database cannot be asked.

        Runs whose connections are answered go on: nothing is committed under a lease that another
        worker has taken over, whoever renews it.
        """
        while not self._ended.wait(self._every):
            asking = self._asking
            # What it asks is answered at once, or else it has to ask over another connection, so
            # early that no lease ends, and that this is tried before anything is broken off.
            if asking and asking.waits() > max(self.lease_seconds / 3, LOOK_EVERY_SECONDS):
                asking.break_off()
            if time.monotonic() - self._answered > 2 * self.lease_seconds:
                silent = [each for each in open_connections() if each.waits() > self.lease_seconds]
                self._break_off(silent, "the database does not answer")

    def _break_off(self, dead: Collection[WorkerConnection], reason: str) -> None:
        for run in self.at_work.all():
            if any(map(run.uses, dead)):
                log.warning(
                    "import broken off",
                    reason=reason,
                    import_id=str(run.lease.import_id),
                    team_id=str(run.lease.team_id),
                )
                run.break_off()
        for connection in dead:
            connection.break_off()
