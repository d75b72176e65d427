"""Claiming the import whose turn it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from psycopg.rows import namedtuple_row

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.clock import DatabaseClock
from rollcall.imports.kinds import ROW_FORMAT, ErrorCode, Lane
from rollcall.imports.options import ImportOptions
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.running.leases import (
    MAX_ATTEMPTS,
    MAX_DATABASE_ATTEMPTS,
    MAX_LOSSES,
    PATIENT,
    Lease,
)

STATEMENTS = load_statements(__package__, "claims.sql")
_CLAIM_NEXT = STATEMENTS["waiting"] + "\n" + STATEMENTS["claim_next"]
_IS_TURN_OVER = STATEMENTS["waiting"] + "\n" + STATEMENTS["is_turn_over"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An import that is ours to run, from the row after `position` on.

    `backend_pid` is the session that is registered for the lease. If the import `is_lost`, the last
    attempt, in which it was alone, has ended together with its worker.
    """

    lease: Lease
    object_key: str
    size: int
    crc32: int | None
    dialect: Dialect
    options: ImportOptions
    position: int
    resume: Checkpoint
    attempts: int
    crashes: int
    losses: int
    error_code: str | None
    is_suspect: bool
    is_lost: bool
    is_cancelled: bool
    clock: DatabaseClock
    backend_pid: int

    @property
    def error_in_the_end(self) -> str:
        """The code of what it is given up for."""
        if self._has_crashed_too_often:
            return ErrorCode.WORKER_CRASHED
        return self.error_code or ErrorCode.WORKER_CRASHED

    @property
    def is_given_up(self) -> bool:
        """Whether it has been tried too often without a batch in between."""
        if self._has_crashed_too_often:
            return True
        is_patient = self.error_code in PATIENT
        return self.attempts > (MAX_DATABASE_ATTEMPTS if is_patient else MAX_ATTEMPTS)

    @property
    def _has_crashed_too_often(self) -> bool:
        return self.crashes >= MAX_ATTEMPTS or self.losses >= MAX_LOSSES


def claim_next(
    connection: Connection,
    lane: Lane,
    lease_seconds: float,
    *,
    suspects: bool = True,
    row_format: int = ROW_FORMAT,
) -> Claim | None:
    """Take the import whose turn it is, or return None when none is waiting in this lane.

    The next one is of the team for which the fewest imports run; among several such teams, of the
    one that has waited longest for a turn. A team's own imports are taken in the order of their
    creation. Without `suspects`, those are left to others that have to be tried alone. Rows of a
    later format than `row_format` are left to newer workers.
    """
    parameters = {
        "owner": uuid.uuid4(),
        "lane": lane,
        "lease_seconds": lease_seconds,
        "suspects": suspects,
        "row_format": row_format,
    }
    # One statement that commits itself: there is no moment in which a worker could be frozen and
    # keep an import from others without a lease.
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        row = cursor.execute(_CLAIM_NEXT, parameters, prepare=False).fetchone()
    return None if row is None else _as_claim(row, lease_seconds)


def read_claim(connection: Connection, lease: Lease) -> Claim | None:
    """Return what was claimed under a lease, or None when that is over."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        row = cursor.execute(STATEMENTS["read_claim"], lease.parameters()).fetchone()
    return None if row is None else _as_claim(row, lease.seconds)


def is_turn_over(
    connection: Connection, lease: Lease, lane: Lane, *, suspects: bool = True
) -> bool:
    """Tell whether another team, for which fewer imports run, waits in this lane.

    Without `suspects`, those do not matter that have to be tried alone, and those of a later format
    never do.
    """
    parameters = {
        "team_id": lease.team_id,
        "lane": lane,
        "suspects": suspects,
        "row_format": ROW_FORMAT,
    }
    row = connection.execute(_IS_TURN_OVER, parameters, prepare=False).fetchone()
    return row is not None and bool(row[0])


def _as_claim(row: Any, seconds: float) -> Claim:
    lease = Lease(team_id=row.team_id, import_id=row.id, owner=row.lease_owner, seconds=seconds)
    return Claim(
        lease=lease,
        object_key=row.object_key,
        size=row.size,
        crc32=row.crc32,
        dialect=Dialect.from_json(row.dialect),
        options=ImportOptions.from_row(row),
        position=row.position,
        resume=Checkpoint(row.resume_row, row.resume_offset),
        attempts=row.attempts,
        crashes=row.crashes,
        losses=row.losses,
        error_code=row.error_code,
        is_suspect=row.is_suspect,
        is_lost=row.is_lost,
        backend_pid=row.backend_pid,
        is_cancelled=row.is_cancelled,
        clock=DatabaseClock(row.now),
    )
