"""Leases: the right to work on an import, kept while it is and given back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.keys import ImportKey
from rollcall.imports.kinds import ErrorCode

STATEMENTS = load_statements(__package__, "leases.sql")
# What has gone wrong this often without a batch in between is given up, and so is a file that has
# so often brought down the process in which nothing else was at work.
MAX_ATTEMPTS = 3
CRASH_PAUSE = 1.0
# Of attempts alone that ended together with their worker. Mostly that is not the import's doing, so
# there are many of them; and the pauses let a worker that starts do something else first.
MAX_LOSSES = 10
LOSS_PAUSE = 5.0
# What the database refuses, as when its disk is full, somebody can put right. With the pauses
# between them, so many attempts take more than two hours. It is the same with the storage.
PATIENT = {ErrorCode.DATABASE_ERROR, ErrorCode.STORAGE_ERROR}
MAX_DATABASE_ATTEMPTS = 20
LONGEST_PAUSE = 600.0


class LeaseLost(Exception):
    """Another worker has taken this import over, or it is over."""


class Cancelled(Exception):
    """Somebody has cancelled this import."""


@dataclass(frozen=True, kw_only=True)
class Lease(ImportKey):
    """The right to commit batches of an import, as long as it is renewed."""

    owner: uuid.UUID
    seconds: float

    def parameters(self) -> dict[str, Any]:
        return {
            "team_id": self.team_id,
            "import_id": self.import_id,
            "owner": self.owner,
            "lease_seconds": self.seconds,
        }


def is_kept(connection: Connection, lease: Lease) -> bool:
    """Tell whether a lease is held, and was not over for as long as it lasts.

    Whoever holds it and does not renew it hangs.
    """
    row = connection.execute(STATEMENTS["is_kept"], lease.parameters()).fetchone()
    return row is not None


def isolate(connection: Connection, lease: Lease) -> bool:
    """Note that the import is tried alone; return False when the lease is over."""
    return connection.execute(STATEMENTS["isolate"], lease.parameters()).rowcount == 1


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


def is_cancelled(connection: Connection, lease: Lease) -> bool:
    """Tell whether somebody has cancelled the import.

    Raises:
        LeaseLost: the import has another owner, or is over.
    """
    try:
        hold(connection, lease)
    except Cancelled:
        return True
    return False


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
    row: Any = connection.execute(STATEMENTS["release"], parameters).fetchone()
    return None if row is None else float(row[0])


def record_crash(connection: Connection, lease: Lease) -> int | None:
    """Give back an import that has brought down the process in which it was alone.

    Returns:
        How often it has, since a batch of it was committed; None when it was not ours any more.
    """
    return _give_back_crashed(connection, lease, crashes=1, pause=CRASH_PAUSE)


def put_off(connection: Connection, lease: Lease) -> bool:
    """Give back an import that is lost, for a pause; False when it was not ours any more."""
    return _give_back_crashed(connection, lease, crashes=0, pause=LOSS_PAUSE) is not None


def _give_back_crashed(
    connection: Connection, lease: Lease, *, crashes: int, pause: float
) -> int | None:
    parameters = {
        **lease.parameters(),
        "crashes": crashes,
        "pause": pause,
        "longest_pause": LONGEST_PAUSE,
    }
    row: Any = connection.execute(STATEMENTS["give_back_crashed"], parameters).fetchone()
    return None if row is None else int(row[0])
