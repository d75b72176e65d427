"""The conductor of steps 3 to 5. Needs ids, a connection and the storage; no HTTP, no queue."""

from __future__ import annotations

import csv
import enum
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
import psycopg
import structlog

from rollcall.imports import dry_run, queue, report
from rollcall.imports.batch import Batch, Batcher
from rollcall.imports.commit import Committers, Connect
from rollcall.imports.encoding import is_exact
from rollcall.imports.kinds import Lane
from rollcall.imports.mapping import Plan, make_plan, map_chunk
from rollcall.imports.merge import Connection
from rollcall.imports.parse import START, read_chunks
from rollcall.imports.queue import Cancelled, Claim, LeaseLost
from rollcall.imports.read_ahead import ReadAhead
from rollcall.imports.seen import PausedEmails, SeenEmails
from rollcall.imports.warnings import legacy_encoding
from rollcall.imports.way import Way
from rollcall.storage import Storage

log = structlog.get_logger(__name__)

# What the server ends because it takes too long is no OperationalError.
REFUSALS = (
    psycopg.OperationalError,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
RETRY_PAUSE = 5.0


class RunOutcome(enum.Enum):
    """How a run ended, which is not always how the import did."""

    NOT_OURS = "not ours"
    COMPLETED = "completed"
    FAILED = "failed"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """How large batches are, and after how long a run looks whether its turn is over.

    `lane` is where the imports stand that it takes turns with. At most `connections` are used.
    """

    batch_rows: int
    connections: int = 1
    lane: Lane = Lane.LARGE
    turn_seconds: float = 3.0


@dataclass(frozen=True, kw_only=True)
class RunMeans:
    """What a run works with, and when it is to end.

    Attributes:
        storage: where the uploaded file is.
        connect: makes another connection in autocommit mode.
        stop: set it to have the import given back after the batches at work.
        paused: where to leave what the next run of the import would have to read again.
    """

    storage: Storage
    connect: Connect
    stop: threading.Event
    paused: PausedEmails = field(default_factory=PausedEmails)


def run_import(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits
) -> RunOutcome:
    """Work on an import until it is over, `means.stop` is set, or it is another team's turn.

    Args:
        connection: one of this run's own, in autocommit mode. A dry run closes it, because it
            shows copies of the tables from then on.
        claim: what `queue.claim_next` has returned.
        means: what the run needs besides.
        limits: of this run.
    """
    if claim.is_cancelled or claim.is_given_up:
        return _fail(connection, claim, claim.error_code or "worker_crashed")
    try:
        return _run_batches(connection, claim, means, limits)
    except LeaseLost:
        return RunOutcome.NOT_OURS
    except Cancelled:
        return _fail(connection, claim, "cancelled")
    except FileNotFoundError:
        return _fail(connection, claim, "file_missing")
    except csv.Error:
        return _fail(connection, claim, "unreadable_file")
    except Exception as error:
        if not connection.closed:
            _give_back(connection, claim, error)
        raise
    finally:
        if claim.options.dry_run:
            connection.close()


def _give_back(connection: Connection, claim: Claim, error: Exception) -> None:
    """Let the import be tried again in a moment, and again after longer and longer pauses."""
    is_refused = isinstance(error, REFUSALS)
    error_code = queue.DATABASE_ERROR if is_refused else "internal_error"
    seconds = queue.release(
        connection, claim.lease, pause=RETRY_PAUSE, forgive=False, error_code=error_code
    )
    log.warning("import has to wait", reason=type(error).__name__, code=error_code, seconds=seconds)


def _run_batches(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits
) -> RunOutcome:
    rehearsal = None
    if claim.options.dry_run:
        claim = dry_run.begin(connection, claim)
        rehearsal = dry_run.Rehearsal(connection, claim)
    seen = means.paused.take(claim.lease.import_id, claim.position)
    way = Way(claim.options)
    batches = _read_batches(means.storage, claim, limits.batch_rows, way, seen)
    ahead = ReadAhead(enumerate(batches), ahead=1, patience=claim.lease.seconds / 3)
    with ahead:
        committers = Committers(
            lease=claim.lease,
            way=way,
            batches=ahead,
            is_over=_Turn(claim, means, limits).is_over,
            rehearsal=rehearsal,
        )
        more = [] if rehearsal else [means.connect] * (limits.connections - 1)
        is_complete = committers.run(connection, more)
    if is_complete is not None:
        return RunOutcome.COMPLETED if is_complete else RunOutcome.FAILED
    # A cancelled import ends now, and not when its next turn comes.
    queue.renew(connection, claim.lease)
    means.paused.keep(claim.lease.import_id, seen)
    queue.release(connection, claim.lease)
    return RunOutcome.PAUSED


class _Turn:
    """Tells when a run has to give its import back."""

    def __init__(self, claim: Claim, means: RunMeans, limits: RunLimits):
        self._lease = claim.lease
        self._is_dry = claim.options.dry_run
        self._stop = means.stop
        self._lane = limits.lane
        self._ends = time.monotonic() + limits.turn_seconds

    def is_over(self, connection: Connection) -> bool:
        if self._stop.is_set():
            return True
        if self._is_dry or time.monotonic() < self._ends:
            return False
        return queue.is_turn_over(connection, self._lease, self._lane)


def _read_batches(
    storage: Storage, claim: Claim, batch_rows: int, way: Way, seen: SeenEmails
) -> Iterator[Batch]:
    plan = make_plan(claim.column_map, claim.dialect.header)
    batcher = Batcher(
        plan=plan,
        on_conflict=claim.options.on_conflict,
        max_rows=batch_rows,
        prepare=way.prepare,
        resubscribe=claim.options.resubscribe,
        seen=seen,
        # Said once: with the first batch, which is the one that moves the position away from 0.
        warnings=[] if claim.position else legacy_encoding(claim.dialect),
    )
    if seen.last_row < claim.position:
        _read_again(storage, claim, plan, seen)
    start = claim.resume if is_exact(claim.dialect.encoding) else START
    with storage.open(claim.object_key, start.offset) as file:
        chunks = read_chunks(file, claim.dialect, skip_to_row=claim.position, start=start)
        yield from batcher.batches(map_chunk(chunk, plan) for chunk in chunks)


def _read_again(storage: Storage, claim: Claim, plan: Plan, seen: SeenEmails) -> None:
    """Fill `seen` with the addresses of the records that are done already."""
    with storage.open(claim.object_key) as file:
        for chunk in read_chunks(file, claim.dialect, skip_to_row=0):
            if chunk.first_row > claim.position:
                return
            done = map_chunk(chunk, plan).contacts.filter(pl.col("row") <= claim.position)
            seen.add(done["email"], min(chunk.last_row, claim.position))


def _fail(connection: Connection, claim: Claim, error_code: str) -> RunOutcome:
    log.info("import has failed", code=error_code, attempts=claim.attempts)
    report.fail(connection, claim.lease, error_code)
    return RunOutcome.FAILED
