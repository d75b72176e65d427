"""The conductor of steps 3 to 5. Needs ids, a connection and the storage; no HTTP, no queue."""

from __future__ import annotations

import csv
import enum
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import psycopg
import structlog

from rollcall.imports import dry_run, queue, report
from rollcall.imports.batch import Batch, Batcher
from rollcall.imports.encoding import is_exact
from rollcall.imports.mapping import Plan, make_plan, map_chunk
from rollcall.imports.merge import Connection, Merger
from rollcall.imports.models import Lane
from rollcall.imports.parse import START, read_chunks
from rollcall.imports.queue import Cancelled, Claim, Lease, LeaseLost
from rollcall.imports.read_ahead import ReadAhead
from rollcall.imports.seen import PausedEmails, SeenEmails
from rollcall.imports.warnings import legacy_encoding
from rollcall.storage import Storage

log = structlog.get_logger(__name__)

MAX_REPEATS = 20
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

    `lane` is where the imports stand that it takes turns with.
    """

    batch_rows: int
    lane: Lane = Lane.LARGE
    turn_seconds: float = 3.0


def run_import(
    connection: Connection,
    storage: Storage,
    claim: Claim,
    limits: RunLimits,
    stop: threading.Event,
    paused: PausedEmails | None = None,
) -> RunOutcome:
    """Work on an import until it is over, `stop` is set, or it is another team's turn.

    Args:
        connection: one of this run's own, in autocommit mode. A dry run closes it, because it
            shows copies of the tables from then on.
        storage: where the uploaded file is.
        claim: what `queue.claim_next` has returned.
        limits: of this run.
        stop: set it to have the import given back after the current batch.
        paused: where to leave what the next run of the import would have to read again.
    """
    if claim.is_cancelled or claim.is_given_up:
        return _fail(connection, claim, claim.error_code or "worker_crashed")
    try:
        return _run_batches(connection, storage, claim, limits, stop, paused or PausedEmails())
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
    is_refused = isinstance(error, psycopg.OperationalError)
    error_code = queue.DATABASE_ERROR if is_refused else "internal_error"
    seconds = queue.release(
        connection, claim.lease, pause=RETRY_PAUSE, forgive=False, error_code=error_code
    )
    log.warning("import has to wait", reason=type(error).__name__, code=error_code, seconds=seconds)


def _run_batches(
    connection: Connection,
    storage: Storage,
    claim: Claim,
    limits: RunLimits,
    stop: threading.Event,
    paused: PausedEmails,
) -> RunOutcome:
    rehearsal = None
    if claim.options.dry_run:
        claim = dry_run.begin(connection, claim)
        rehearsal = dry_run.Rehearsal(connection, claim)
    seen = paused.take(claim.lease.import_id, claim.position)
    merger = Merger(connection, claim.options, rehearsal)
    turn_ends = time.monotonic() + limits.turn_seconds
    ahead = ReadAhead(
        _read_batches(storage, claim, limits.batch_rows, merger, seen),
        ahead=1,
        while_waiting=lambda: _renew(connection, claim.lease),
        patience=claim.lease.seconds / 3,
    )
    with ahead as batches:
        for batch in batches:
            outcome = _commit_batch(connection, batch, merger, claim)
            if outcome is not None:
                return outcome
            if stop.is_set():
                break
            if (
                rehearsal is None
                and time.monotonic() > turn_ends
                and queue.is_turn_over(connection, claim.lease, limits.lane)
            ):
                break
    # A cancelled import ends now, and not when its next turn comes.
    _renew(connection, claim.lease)
    paused.keep(claim.lease.import_id, seen)
    queue.release(connection, claim.lease)
    return RunOutcome.PAUSED


def _read_batches(
    storage: Storage, claim: Claim, batch_rows: int, merger: Merger, seen: SeenEmails
) -> Iterator[Batch]:
    plan = make_plan(claim.column_map, claim.dialect.header)
    batcher = Batcher(
        plan=plan,
        on_conflict=claim.options.on_conflict,
        max_rows=batch_rows,
        prepare=merger.prepare,
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


def _commit_batch(
    connection: Connection, batch: Batch, merger: Merger, claim: Claim
) -> RunOutcome | None:
    """Commit one batch: its contacts, memberships, failed rows, counts and position.

    A contact that somebody else creates at the same moment makes the batch fail as a whole.
    It is repeated then, and finds that contact stored. After the last batch, the outcome is
    returned.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            with connection.transaction():
                return _merge_batch(connection, batch, merger, claim)
        except (
            psycopg.errors.UniqueViolation,
            psycopg.errors.DeadlockDetected,
            psycopg.errors.SerializationFailure,
        ) as error:
            if attempt == MAX_REPEATS:
                raise
            log.info(
                "batch repeated", import_id=str(claim.lease.import_id), reason=type(error).__name__
            )
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311  (only spreads retries)


def _merge_batch(
    connection: Connection, batch: Batch, merger: Merger, claim: Claim
) -> RunOutcome | None:
    queue.hold(connection, claim.lease)
    counts = merger.merge(batch)
    report.record_batch(connection, claim.lease, counts, batch)
    if not batch.is_last:
        return None
    is_complete = report.complete(connection, claim.lease)
    return RunOutcome.COMPLETED if is_complete else RunOutcome.FAILED


def _renew(connection: Connection, lease: Lease) -> None:
    with connection.transaction():
        queue.hold(connection, lease)


def _fail(connection: Connection, claim: Claim, error_code: str) -> RunOutcome:
    log.info("import has failed", code=error_code, attempts=claim.attempts)
    report.fail(connection, claim.lease, error_code)
    return RunOutcome.FAILED
