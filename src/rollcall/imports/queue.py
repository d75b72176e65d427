"""Step 2: claim with a lease the import whose turn it is, keep it and give it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from psycopg.rows import namedtuple_row

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.dialect import Dialect
from rollcall.imports.kinds import Lane, OnConflict
from rollcall.imports.merge import Connection
from rollcall.imports.parse import Place
from rollcall.imports.way import MergeOptions
from rollcall.sql import load_statements

STATEMENTS = load_statements("rollcall.imports", "queue.sql")
_CLAIM_NEXT = STATEMENTS["waiting"] + "\n" + STATEMENTS["claim_next"]
_IS_TURN_OVER = STATEMENTS["waiting"] + "\n" + STATEMENTS["is_turn_over"]
# A file that has brought down its worker this often without a batch in between is given up.
MAX_ATTEMPTS = 3
# What the database refuses, as when its disk is full, somebody can put right. With the pauses
# between them, so many attempts take more than two hours.
DATABASE_ERROR = "database_error"
MAX_DATABASE_ATTEMPTS = 20
LONGEST_PAUSE = 600.0


class LeaseLost(Exception):
    """Another worker has taken this import over, or it is over."""


class Cancelled(Exception):
    """Somebody has cancelled this import."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to commit batches of an import, as long as it is renewed."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    owner: uuid.UUID
    seconds: float

    def parameters(self) -> dict[str, Any]:
        return {
            "team_id": self.team_id,
            "import_id": self.import_id,
            "owner": self.owner,
            "lease_seconds": self.seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An import that is ours to run, from the row after `position` on."""

    lease: Lease
    object_key: str
    dialect: Dialect
    column_map: ColumnMap
    options: MergeOptions
    position: int
    resume: Place
    attempts: int
    error_code: str | None
    is_cancelled: bool

    @property
    def is_given_up(self) -> bool:
        """Whether it has been tried too often without a batch in between."""
        is_refused = self.error_code == DATABASE_ERROR
        return self.attempts > (MAX_DATABASE_ATTEMPTS if is_refused else MAX_ATTEMPTS)


def claim_next(connection: Connection, lane: Lane, lease_seconds: float) -> Claim | None:
    """Take the import whose turn it is, or return None when none is waiting in this lane.

    The next one is of the team for which the fewest imports run; among several such teams, of the
    one that has waited longest for a turn. A team's own imports are taken in the order of their
    creation.
    """
    owner = uuid.uuid4()
    parameters = {"owner": owner, "lane": lane, "lease_seconds": lease_seconds}
    with connection.transaction(), connection.cursor(row_factory=namedtuple_row) as cursor:
        row = cursor.execute(_CLAIM_NEXT, parameters, prepare=False).fetchone()
    return None if row is None else _read_claim(row, owner, lease_seconds)


def is_turn_over(connection: Connection, lease: Lease, lane: Lane) -> bool:
    """Tell whether another team, for which fewer imports run, waits in this lane."""
    parameters = {"team_id": lease.team_id, "lane": lane}
    row = connection.execute(_IS_TURN_OVER, parameters, prepare=False).fetchone()
    return row is not None and bool(row[0])


def hold(connection: Connection, lease: Lease) -> None:
    """Keep the import from being claimed or ended by others until the transaction ends.

    Raises:
        LeaseLost: the import has another owner, or is over.
        Cancelled: it is ours to end.
    """
    _check(connection, "hold", lease)


def renew(connection: Connection, lease: Lease) -> None:
    """Keep the lease for its full time from now on.

    Raises:
        LeaseLost: the import has another owner, or is over.
        Cancelled: it is ours to end.
    """
    _check(connection, "renew", lease)


def _check(connection: Connection, statement: str, lease: Lease) -> None:
    row = connection.execute(STATEMENTS[statement], lease.parameters()).fetchone()
    if row is None:
        raise LeaseLost(LeaseLost.__doc__)
    (is_cancelled,) = row
    if is_cancelled:
        raise Cancelled(Cancelled.__doc__)


def release(
    connection: Connection,
    lease: Lease,
    *,
    pause: float = 0,
    forgive: bool = True,
    error_code: str | None = None,
) -> float | None:
    """Give an unfinished import back to the queue.

    Args:
        connection: one without an open transaction.
        lease: what was claimed.
        pause: seconds until somebody may claim it, after the first attempt since a batch was
            committed; twice as many after each that follows, up to ten minutes.
        forgive: whether this attempt does not count.
        error_code: what the import fails with when this was the last attempt.

    Returns:
        How many seconds it waits; None when it was not ours any more.
    """
    parameters = {
        **lease.parameters(),
        "pause": pause,
        "longest_pause": LONGEST_PAUSE,
        "forgiven": int(forgive),
        "error_code": error_code,
    }
    with connection.transaction():
        row: Any = connection.execute(STATEMENTS["release"], parameters).fetchone()
    return None if row is None else float(row[0])


def _read_claim(row: Any, owner: uuid.UUID, lease_seconds: float) -> Claim:
    return Claim(
        lease=Lease(team_id=row.team_id, import_id=row.id, owner=owner, seconds=lease_seconds),
        object_key=row.object_key,
        dialect=Dialect.from_json(row.dialect),
        column_map=ColumnMap.model_validate(row.column_map),
        options=MergeOptions(
            team_id=row.team_id,
            import_id=row.id,
            on_conflict=OnConflict(row.on_conflict),
            segments=tuple(uuid.UUID(segment) for segment in row.segments),
            resubscribe=row.resubscribe,
            dry_run=row.dry_run,
            topics={uuid.UUID(topic): choice for topic, choice in row.topics.items()},
        ),
        position=row.position,
        resume=Place(row.resume_row, row.resume_offset),
        attempts=row.attempts,
        error_code=row.error_code,
        is_cancelled=row.is_cancelled,
    )
