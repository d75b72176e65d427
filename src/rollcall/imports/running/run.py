"""The conductor of `reading` to `merging`. Needs ids, a connection and the storage, and no HTTP."""

from __future__ import annotations

import csv
import enum
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg
import structlog

from rollcall.database.connections import Connect, Connection
from rollcall.imports.copying.copy_path import CopyPath
from rollcall.imports.copying.encoded import EncodedBatch
from rollcall.imports.counting import count_end
from rollcall.imports.kinds import ErrorCode, ImportStatus, Lane
from rollcall.imports.merging.dry_run import DryRun
from rollcall.imports.merging.merge import Merger
from rollcall.imports.running import giving_back, leases, progress, sessions, shadows
from rollcall.imports.running.at_work import AtWork, RunAtWork
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.committers import Committers
from rollcall.imports.running.import_file import FileMissing, ImportFile
from rollcall.imports.running.leases import Cancelled, LeaseLost
from rollcall.imports.running.paused import PausedEmails
from rollcall.imports.running.pipe import read_batches
from rollcall.imports.running.read_ahead import ReadAhead
from rollcall.imports.running.time_slice import TimeSlice
from rollcall.metrics.catalogue import LEASES_LOST
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import FileDamaged, StorageError

log = structlog.get_logger(__name__)

# What an import ends with at once.
ENDINGS: dict[type[Exception], ErrorCode] = {
    Cancelled: ErrorCode.CANCELLED,
    FileMissing: ErrorCode.FILE_MISSING,
    FileDamaged: ErrorCode.FILE_DAMAGED,
    csv.Error: ErrorCode.UNREADABLE_FILE,
}
# How many encoded batches wait for a connection, while one more is being made.
BATCHES_AHEAD = 1
# How often who waits for a batch hears that the import is cancelled, or that the worker is to end.
LISTEN_SECONDS = 0.5
# How long a run that is to end waits for the batch that is being read.
FILE_PATIENCE = 4.0


class RunOutcome(enum.Enum):
    """How a run ended, which is not always how the import did."""

    NOT_OURS = "not ours"
    COMPLETED = "completed"
    FAILED = "failed"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """How large batches are, and after how long a run looks whether its turn is over.

    `lane` is where the imports stand that it takes turns with. At most `connections` are used. A
    run that `is_trial` ends after its first batch, unless it is dry: those have but one run.
    """

    batch_rows: int
    connections: int = 1
    lane: Lane = Lane.LARGE
    turn_seconds: float = 3.0
    is_trial: bool = False


@dataclass(frozen=True, kw_only=True)
class RunMeans:
    """What a run works with, and when it is to end.

    Attributes:
        storage: where the uploaded file is.
        connect: makes another connection in autocommit mode.
        stop: set it to have the import given back after the batches at work.
        paused: where to leave what the next run of the import would have to read again.
        find_storage_problem: tells what is wrong with the storage as a whole, if anything.
        storage_patience: how many seconds the storage may take to answer.
        at_work: where runs are known while they last.
    """

    storage: Storage
    connect: Connect
    stop: threading.Event
    paused: PausedEmails = field(default_factory=PausedEmails)
    find_storage_problem: Callable[[], str | None] = lambda: None
    storage_patience: float = 60.0
    at_work: AtWork = field(default_factory=AtWork)


def run_import(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits
) -> RunOutcome:
    """Work on an import until it is over, `means.stop` is set, or it is another team's turn.

    Args:
        connection: one of this run's own, in autocommit mode. A dry run closes it, because it
            shows copies of the tables from then on.
        claim: what `claims.claim_next` has returned.
        means: what the run needs besides.
        limits: of this run.
    """
    with means.at_work.run(claim.lease) as run:
        try:
            with run.using(connection):
                return _run_to_its_end(connection, claim, means, limits, run)
        except LeaseLost:
            LEASES_LOST.add()
            if not connection.closed:
                sessions.unregister(connection, claim.lease)
            return RunOutcome.NOT_OURS
        except psycopg.errors.QueryCanceled as error:
            # By the keeper, because the worker is to end; or by an operator, or a time limit.
            is_stopped = means.stop.is_set()
            _give_back(connection, claim, means, None if is_stopped else error)
            if not is_stopped:
                raise
            return RunOutcome.PAUSED
        except StorageError as error:
            # Somebody can put that right; nothing is wrong with this import or process.
            _give_back(connection, claim, means, error)
            return RunOutcome.PAUSED
        except Exception as error:
            _give_back(connection, claim, means, error)
            raise
        finally:
            if claim.options.dry_run:
                connection.close()


def _run_to_its_end(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits, run: RunAtWork
) -> RunOutcome:
    if connection.info.backend_pid != claim.backend_pid:
        sessions.take_over(connection, claim.lease)
    if claim.is_cancelled or claim.is_given_up:
        return _fail(connection, claim, claim.error_in_the_end)
    try:
        return _run_batches(connection, claim, means, limits, run)
    except tuple(ENDINGS) as error:
        log.info("import cannot go on", reason=str(error))
        return _fail(connection, claim, ENDINGS[type(error)])
    except psycopg.errors.QueryCanceled:
        if not leases.is_cancelled(connection, claim.lease):
            raise
        return _fail(connection, claim, ErrorCode.CANCELLED)


def _give_back(
    connection: Connection, claim: Claim, means: RunMeans, error: Exception | None
) -> None:
    lease, connect = claim.lease, means.connect
    if error is None:
        giving_back.give_back(connection, connect, lease, leases.release)
    else:
        giving_back.give_back_for(error, connection, connect, lease)


def _run_batches(
    connection: Connection, claim: Claim, means: RunMeans, limits: RunLimits, run: RunAtWork
) -> RunOutcome:
    observer = None
    if claim.options.dry_run:
        claim = shadows.begin_dry_run(connection, claim)
        observer = DryRun(connection, claim.lease, claim.options)
    # The copies of the tables that a dry run works on belong to its connection.
    connections = 1 if observer else limits.connections
    in_flight = connections + BATCHES_AHEAD + 1
    seen = means.paused.take(claim.lease.import_id, claim.position, in_flight)
    copy_path = CopyPath(claim.lease, claim.options)
    file = _file_of(claim, means)
    batches = read_batches(file, claim, limits.batch_rows, seen, copy_path)
    with _ahead(batches, file, claim, means) as ahead:
        committers = Committers(
            lease=claim.lease,
            batches=ahead,
            make_merger=lambda own: Merger(own, claim.lease, claim.options, copy_path, observer),
            while_waiting=lambda: _watch(file, ahead, means, run),
            is_over=_time_slice(claim, means, limits).is_over,
            run=run,
            dry_run=claim.options.dry_run,
        )
        is_complete = committers.commit_all(connection, [means.connect] * (connections - 1))
    if is_complete is not None:
        return _count_end(claim, None if is_complete else ErrorCode.CANCELLED)
    # A cancelled import ends now, and not when its next turn comes.
    leases.renew(connection, claim.lease)
    if not ahead.is_abandoned:
        means.paused.keep(claim.lease.import_id, seen)
    leases.release(connection, claim.lease)
    return RunOutcome.PAUSED


def _file_of(claim: Claim, means: RunMeans) -> ImportFile:
    return ImportFile(
        storage=means.storage,
        claim=claim,
        find_problem=means.find_storage_problem,
        patience=means.storage_patience,
        stop=means.stop,
    )


def _ahead(
    batches: Iterator[EncodedBatch], file: ImportFile, claim: Claim, means: RunMeans
) -> ReadAhead[EncodedBatch]:
    return ReadAhead(
        batches,
        ahead=BATCHES_AHEAD,
        patience=min(LISTEN_SECONDS, claim.lease.seconds / 3),
        hurry=means.stop,
        is_stuck=lambda: file.is_stuck,
    )


def _watch(
    file: ImportFile, ahead: ReadAhead[EncodedBatch], means: RunMeans, run: RunAtWork
) -> None:
    file.check()
    if means.stop.is_set() and (file.is_stuck or run.wants_end() > FILE_PATIENCE):
        ahead.stop()


def _time_slice(claim: Claim, means: RunMeans, limits: RunLimits) -> TimeSlice:
    return TimeSlice(
        lease=claim.lease,
        lane=limits.lane,
        seconds=limits.turn_seconds,
        stop=means.stop,
        at_work=means.at_work,
        is_dry=claim.options.dry_run,
        is_trial=limits.is_trial,
    )


def _fail(connection: Connection, claim: Claim, error_code: str) -> RunOutcome:
    log.info("import has failed", code=error_code, attempts=claim.attempts)
    ended_by = progress.fail(connection, claim.lease, error_code)
    return RunOutcome.FAILED if ended_by is None else _count_end(claim, ended_by)


def _count_end(claim: Claim, error_code: str | None) -> RunOutcome:
    status = ImportStatus.FAILED if error_code else ImportStatus.COMPLETED
    count_end(status, error_code, dry_run=claim.options.dry_run)
    return RunOutcome.FAILED if error_code else RunOutcome.COMPLETED
