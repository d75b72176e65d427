"""A run in a process of its own, of an import that may have brought down its worker.

If it does so again, nothing else is at work in that process, and so no other import is counted for
what this one has done. The child is `rollcall.worker.child`; it ends when its parent does.
"""

from __future__ import annotations

import select
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import psycopg
import structlog

from rollcall.database.connections import Connection
from rollcall.imports.kinds import ErrorCode
from rollcall.imports.running import giving_back, leases, sessions
from rollcall.imports.running.at_work import RunAtWork
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.leases import Lease
from rollcall.imports.running.run import RunLimits, RunMeans
from rollcall.metrics.ledger import replay

log = structlog.get_logger(__name__)

READY = b"ready\n"
# Far longer than a busy machine needs to load the program.
START_SECONDS = 120.0
POLL_SECONDS = 0.1
# What keeps a child from starting is most often a database that takes no more connections.
NOT_STARTED_PAUSE = 1.0


class ChildNotStarted(Exception):
    """The process in which the import was to be tried alone did not get as far as the import."""


def run_alone(connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits) -> str:
    """Work on an import in a child, until a batch of it is committed or it is over.

    It is given back at once when another one is tried alone at this moment, and for a while when
    the last attempt has ended together with its worker.

    Args:
        connection: the one that has claimed it.
        claim: what `claims.claim_next` has returned.
        means: of the worker.
        limits: of the run.

    Returns:
        How it ended, for the log.
    """
    if claim.is_lost:
        return _put_off(connection, claim, means)
    if not means.at_work.alone.acquire(blocking=False):
        _release(connection, claim.lease, means)
        return "another is tried alone"
    try:
        return _run_registered(connection, claim, means, limits)
    finally:
        means.at_work.alone.release()


def _put_off(connection: Connection, claim: Claim, means: RunMeans) -> str:
    log.warning("import was lost together with its worker", losses=claim.losses)
    giving_back.give_back(connection, means.connect, claim.lease, leases.put_off)
    return "put off"


def _release(connection: Connection, lease: Lease, means: RunMeans) -> None:
    giving_back.give_back(connection, means.connect, lease, leases.release)


def _run_registered(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits
) -> str:
    with means.at_work.run(claim.lease) as run:
        try:
            child = _start(connection, claim.lease, means, limits)
            return _run_child(connection, claim, means, run, child) if child else "not ours"
        finally:
            # Whatever has become of the import, the session goes on to the next one.
            if not connection.closed:
                sessions.unregister(connection, claim.lease)


def _start(
    connection: Connection, lease: Lease, means: RunMeans, limits: RunLimits
) -> subprocess.Popen[bytes] | None:
    """Start the child; return None when the import is not ours any more."""
    ids = map(str, (lease.team_id, lease.import_id, lease.owner))
    try:
        if not leases.isolate(connection, lease):
            return None
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "rollcall.worker.child", *ids, limits.lane],
            # It ends when nobody holds the other end of this pipe any more.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A signal from the terminal reaches it by its parent.
            start_new_session=True,
        )
    except (psycopg.Error, OSError):
        _give_back_untried(connection, lease, means)
        raise


def _run_child(
    connection: Connection,
    claim: Claim,
    means: RunMeans,
    run: RunAtWork,
    started: subprocess.Popen[bytes],
) -> str:
    lease = claim.lease
    log.info("import is tried alone", crashes=claim.crashes, losses=claim.losses)
    with started as child:
        run.child = child
        try:
            is_ready = _is_ready(child, means.stop)
            run.keeps_lease = not is_ready
            if is_ready:
                _wait(child, lease, means)
        finally:
            # Whatever has happened here, no child is left behind.
            run.kill_child()
            child.wait()
        if is_ready:
            assert child.stdout is not None
            replay(child.stdout.readline())
    run.child = None
    return _conclude(connection, lease, means, run, status=child.returncode, is_ready=is_ready)


def _is_ready(child: subprocess.Popen[bytes], stop: threading.Event) -> bool:
    """Tell whether the child has begun to work, and keeps the lease by itself from now on."""
    assert child.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    while not stop.is_set() and time.monotonic() < deadline:
        readable, _, _ = select.select([child.stdout], [], [], POLL_SECONDS)
        if readable:
            return child.stdout.readline() == READY
    return False


def _wait(child: subprocess.Popen[bytes], lease: Lease, means: RunMeans) -> None:
    """Wait for the end of the child, which is told if the worker ends, or of its lease."""
    looked = time.monotonic()
    is_told = False
    while child.poll() is None:
        if means.stop.is_set() and not is_told:
            child.terminate()
            is_told = True
        if time.monotonic() - looked > lease.seconds:
            looked = time.monotonic()
            if not _is_held(lease, means):
                log.warning("import is kept by its process no longer, which is ended")
                return
        time.sleep(POLL_SECONDS)


def _is_held(lease: Lease, means: RunMeans) -> bool:
    try:
        with means.connect() as connection:
            return leases.is_kept(connection, lease)
    except psycopg.OperationalError:
        # The child sees the same, and does what is to be done.
        return True


def _conclude(
    connection: Connection,
    lease: Lease,
    means: RunMeans,
    run: RunAtWork,
    *,
    status: int,
    is_ready: bool,
) -> str:
    """See to it that the import is given back, and that it is counted what it has done."""
    if status == 0:
        return "tried alone"
    # When memory runs out, the child may be ended, and the worker be asked to end because of that.
    is_struck = status < 0 and status != -signal.SIGTERM and not run.is_child_killed
    if means.stop.is_set() and not (is_ready and is_struck):
        _release(connection, lease, means)
        return "paused"
    if not is_ready:
        _give_back_untried(connection, lease, means)
        raise ChildNotStarted(f"{ChildNotStarted.__doc__} Its status was {status}.")
    crashes = giving_back.give_back(connection, means.connect, lease, leases.record_crash)
    if crashes is None:
        return "not ours"
    log.warning("import has brought down its process", status=status, crashes=crashes)
    return "crashed"


def _give_back_untried(connection: Connection, lease: Lease, means: RunMeans) -> None:
    release = partial(
        leases.release,
        pause=NOT_STARTED_PAUSE,
        forgive=False,
        error_code=ErrorCode.DATABASE_ERROR,
    )
    giving_back.give_back(connection, means.connect, lease, release)
