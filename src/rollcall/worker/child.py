"""The process in which a worker tries an import alone: `python -m rollcall.worker.child`.

Its arguments are those of the lease, and the lane. It says `ready` on its output when it keeps the
lease by itself, and at the end what it has counted, in a line. However the run ends, this process
ends with status 0, unless the import brings it down: everything else is told in the import's row.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import uuid
from pathlib import Path

import structlog

from rollcall.config import Settings, load_settings
from rollcall.database.connections import Connection
from rollcall.imports.kinds import Lane
from rollcall.imports.running import claims, sessions
from rollcall.imports.running.alone import READY
from rollcall.imports.running.at_work import AtWork
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.keeper import Keeper
from rollcall.imports.running.leases import Lease
from rollcall.imports.running.run import RunLimits, RunMeans, run_import
from rollcall.metrics.ledger import Ledger
from rollcall.metrics.recording import install
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage
from rollcall.worker.setup import connect_worker, prepare_process

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
# How much of all memory, in thousandths, the kernel adds to what a process uses when it looks for
# one to end. With a half that is the child and not the worker, unless this takes more than a half;
# and it is still neither of them when another program takes all.
OOM_SCORE = Path("/proc/self/oom_score_adj")
OOM_SCORE_MORE = 500
OOM_SCORE_MOST = 1000
# Not a worker that is counted: its parent is.
SESSION_NAME = "rollcall-worker-child"


def main() -> None:
    """Run the import once."""
    _end_with_parent()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = load_settings()
    prepare_process(settings)
    _end_before_parent()
    *ids, lane = sys.argv[1:]
    team_id, import_id, owner = map(uuid.UUID, ids)
    lease = Lease(team_id=team_id, import_id=import_id, owner=owner, seconds=settings.lease_seconds)
    counted = Ledger()
    install(counted)
    with structlog.contextvars.bound_contextvars(import_id=str(import_id), team_id=str(team_id)):
        _run(settings, lease, Lane(lane), stop)
    sys.stderr.flush()
    sys.stdout.buffer.write(counted.as_line())
    sys.stdout.buffer.flush()
    # Threads that hang, as a read may, are not waited for.
    os._exit(0)


def _end_with_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        # The kernel ends it even when it is frozen; elsewhere the pipe has to be enough.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _end_before_parent() -> None:
    """Have the kernel end this process when memory runs out, and not the worker."""
    if not OOM_SCORE.exists():
        return
    try:
        score = int(OOM_SCORE.read_text()) + OOM_SCORE_MORE
        OOM_SCORE.write_text(str(min(score, OOM_SCORE_MOST)))
    except OSError as error:
        log.warning("the kernel may end the worker before its child", reason=str(error))


def _run(settings: Settings, lease: Lease, lane: Lane, stop: threading.Event) -> None:
    at_work = AtWork()
    storage = Storage(settings.storage_url)
    guard = StorageGuard(storage, lambda: connect_worker(settings))
    means = RunMeans(
        storage=storage,
        connect=lambda: connect_worker(settings),
        stop=stop,
        at_work=at_work,
        find_storage_problem=lambda: guard.find_problem(0),
        storage_patience=settings.storage_patience_seconds,
    )
    with means.connect() as connection:
        claim = claims.read_claim(connection, lease)
        if claim is None or not sessions.take_over(connection, lease):
            return
        keeper = Keeper(
            connect=lambda: connect_worker(settings),
            at_work=at_work,
            lease_seconds=lease.seconds,
            stop=stop,
            name=SESSION_NAME,
        )
        keeper.start()
        sessions.renew(connection, [lease])
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        limits = RunLimits(batch_rows=settings.batch_rows, lane=lane, is_trial=True)
        _try(connection, claim, means, limits)


def _try(connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits) -> None:
    try:
        outcome = run_import(connection, claim, means, limits)
    except Exception:
        # It is in the import's row, which has been given back.
        log.exception("import run broken off")
    else:
        log.info("import run ended", outcome=outcome.value)


if __name__ == "__main__":
    main()
