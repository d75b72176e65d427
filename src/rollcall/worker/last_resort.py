"""The end of a worker that does not end by itself in time."""

from __future__ import annotations

import logging
import os
import threading
import time

import psycopg
import structlog

from rollcall.config import Settings
from rollcall.imports.running import leases, sessions
from rollcall.imports.running.at_work import AtWork, RunAtWork
from rollcall.worker.setup import connect_worker

log = structlog.get_logger(__name__)

# What the end is given for giving imports back: the database may be what hangs.
GIVE_BACK_SECONDS = 1.0


class LastResort:
    """Ends the process a given time after `start`, whatever its threads wait for.

    Imports that are still at work are given back, so that nobody has to wait for the end of their
    leases.
    """

    def __init__(self, settings: Settings, at_work: AtWork):
        self._settings = settings
        self._at_work = at_work
        self._is_started = False

    def start(self) -> None:
        """Let the time run; called again, do nothing."""
        if not self._is_started:
            self._is_started = True
            threading.Thread(target=self._end_in_time, name="last-resort", daemon=True).start()

    def end_now(self, status: int) -> None:
        """End the process; threads that hang are not waited for, as `sys.exit` would."""
        logging.shutdown()
        os._exit(status)

    def _end_in_time(self) -> None:
        time.sleep(self._settings.worker_shutdown_seconds - GIVE_BACK_SECONDS)
        runs = self._at_work.all()
        for run in runs:
            log.warning(
                "import does not end in time and is broken off",
                import_id=str(run.lease.import_id),
                team_id=str(run.lease.team_id),
            )
        giving_back = threading.Thread(target=self._give_back, args=(runs,), daemon=True)
        giving_back.start()
        giving_back.join(GIVE_BACK_SECONDS)
        log.warning("worker has not ended in time and is ended")
        self.end_now(1)

    def _give_back(self, runs: list[RunAtWork]) -> None:
        for run in runs:
            run.kill_child()
        try:
            with connect_worker(self._settings) as connection:
                for run in runs:
                    sessions.end_others(connection, run.lease)
                    leases.release(connection, run.lease)
        except psycopg.Error as error:
            log.warning("imports not given back", reason=str(error).strip())
