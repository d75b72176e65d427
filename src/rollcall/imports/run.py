"""The conductor of steps 3 to 5. Needs ids, a connection and the storage; no HTTP, no queue."""

from __future__ import annotations

import csv
import enum
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import structlog

from rollcall.imports import merge, queue, report
from rollcall.imports.batch import Batch, Batcher
from rollcall.imports.mapping import make_plan, map_chunk
from rollcall.imports.merge import Connection
from rollcall.imports.parse import read_chunks
from rollcall.imports.queue import MAX_ATTEMPTS, Claim, Lease, LeaseLost
from rollcall.imports.read_ahead import ReadAhead
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
    """How large batches are, how long a silent run keeps its import and a talking one goes on."""

    batch_rows: int
    lease_seconds: float
    max_seconds: float = 600.0


def run_import(
    connection: Connection,
    storage: Storage,
    team_id: uuid.UUID,
    import_id: uuid.UUID,
    limits: RunLimits,
    stop: threading.Event,
) -> RunOutcome:
    """Claim an import and work on it until it is over, `stop` is set or the time is up.

    Args:
        connection: one of this run's own, in autocommit mode.
        storage: where the uploaded file is.
        team_id: the import's team.
        import_id: the import.
        limits: of this run.
        stop: set it to have the import given back after the current batch.
    """
    claim = queue.claim(connection, team_id, import_id, limits.lease_seconds)
    if claim is None:
        return RunOutcome.NOT_OURS
    if claim.attempts > MAX_ATTEMPTS:
        report.fail(connection, claim.lease, claim.error_code or "worker_crashed")
        return RunOutcome.FAILED
    try:
        return _run_batches(connection, storage, claim, limits, stop)
    except LeaseLost:
        return RunOutcome.NOT_OURS
    except FileNotFoundError:
        return _fail(connection, claim, "file_missing")
    except csv.Error:
        return _fail(connection, claim, "unreadable_file")
    except Exception as error:
        if not connection.closed:
            _give_back(connection, claim, error)
        raise


def _give_back(connection: Connection, claim: Claim, error: Exception) -> None:
    """Let the import be tried again in a moment; trouble of the database does not count."""
    forgive = isinstance(error, psycopg.OperationalError)
    queue.release(
        connection,
        claim.lease,
        pause=RETRY_PAUSE,
        forgive=forgive,
        error_code=None if forgive else "internal_error",
    )


def _run_batches(
    connection: Connection,
    storage: Storage,
    claim: Claim,
    limits: RunLimits,
    stop: threading.Event,
) -> RunOutcome:
    merge.prepare(connection)
    deadline = time.monotonic() + limits.max_seconds
    ahead = ReadAhead(
        _read_batches(storage, claim, limits.batch_rows),
        ahead=1,
        while_waiting=lambda: _renew(connection, claim.lease),
        patience=limits.lease_seconds / 3,
    )
    with ahead as batches:
        for batch in batches:
            _commit_batch(connection, batch, claim)
            if batch.is_last:
                return RunOutcome.COMPLETED
            if stop.is_set() or time.monotonic() > deadline:
                break
    queue.release(connection, claim.lease)
    return RunOutcome.PAUSED


def _read_batches(storage: Storage, claim: Claim, batch_rows: int) -> Iterator[Batch]:
    plan = make_plan(claim.column_map, claim.dialect.header)
    batcher = Batcher(
        plan=plan,
        on_conflict=claim.options.on_conflict,
        max_rows=batch_rows,
        # Said once: with the first batch, which is the one that moves the position away from 0.
        warnings=[] if claim.position else legacy_encoding(claim.dialect),
    )
    with storage.open(claim.object_key) as file:
        chunks = read_chunks(file, claim.dialect, skip_to_row=claim.position)
        yield from batcher.batches(map_chunk(chunk, plan) for chunk in chunks)


def _commit_batch(connection: Connection, batch: Batch, claim: Claim) -> None:
    """Commit one batch: its contacts, memberships, failed rows, counts and position.

    A contact that somebody else creates at the same moment makes the batch fail as a whole.
    It is repeated then, and finds that contact stored.
    """
    for attempt in range(1, MAX_REPEATS + 1):
        try:
            with connection.transaction():
                queue.hold(connection, claim.lease)
                counts = merge.merge_batch(connection, batch, claim.options)
                report.record_batch(connection, claim.lease, counts, batch.last_row)
                if batch.is_last:
                    report.complete(connection, claim.lease)
            return
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


def _renew(connection: Connection, lease: Lease) -> None:
    with connection.transaction():
        queue.hold(connection, lease)


def _fail(connection: Connection, claim: Claim, error_code: str) -> RunOutcome:
    report.fail(connection, claim.lease, error_code)
    return RunOutcome.FAILED
