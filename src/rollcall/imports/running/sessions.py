"""Which sessions of the database work for which lease, and the end of those whose lease is over.

A session that hangs in the middle of a batch keeps its locks, and with them everybody else away
from its import, and the database does not notice: a worker that is frozen, or whose host has
vanished, is one that takes its time. So whoever goes on with an import first has the database end
the sessions that worked for it before.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row, scalar_row

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.running.leases import Lease

STATEMENTS = load_statements(__package__, "sessions.sql")
GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class AbandonedSession:
    """A session whose lease is over; `is_ended` is null if it was gone before."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    backend_pid: int
    is_ended: bool | None


def register(connection: Connection, lease: Lease) -> bool:
    """Have the connection's session end with the lease; False when that is over already."""
    return connection.execute(STATEMENTS["register"], lease.parameters()).rowcount == 1


def take_over(connection: Connection, lease: Lease) -> bool:
    """Register the connection's session in the place of the one that has claimed the import."""
    with connection.transaction():
        connection.execute(STATEMENTS["unregister_others"], lease.parameters())
        return register(connection, lease)


def unregister(connection: Connection, lease: Lease) -> None:
    """Have the connection's session outlive a lease that others have ended."""
    connection.execute(STATEMENTS["unregister"], lease.parameters())


def end_others(connection: Connection, lease: Lease) -> None:
    """End what other sessions do for a lease, be it that their client is lost or only its path."""
    connection.execute(STATEMENTS["end_others"], lease.parameters())


def cancel(connection: Connection, leases: Collection[Lease]) -> None:
    """Have the statements end that sessions execute for these leases."""
    connection.execute(STATEMENTS["cancel"], {"owners": [lease.owner for lease in leases]})


def end_abandoned(
    connection: Connection, own: Collection[Lease], lease_seconds: float
) -> list[AbandonedSession]:
    """End the sessions of all leases that are over, apart from one's own; return those ended."""
    parameters = {"own": [lease.owner for lease in own], "lease_seconds": lease_seconds}
    with connection.cursor(row_factory=class_row(AbandonedSession)) as cursor:
        found = cursor.execute(STATEMENTS["end_abandoned"], parameters).fetchall()
    if found:
        connection.execute(STATEMENTS["forget_ended"])
    return [session for session in found if session.is_ended is not None]


def find_stalls(
    connection: Connection, asked: Sequence[tuple[int, datetime] | None]
) -> list[str | None]:
    """Tell of sessions, in their order, at what each waits for its client.

    Args:
        connection: the one that asks.
        asked: process and beginning of each; None stands for one that nobody knows.

    Returns:
        What changes as soon as the session does anything, `GONE` if there is no such session, None
        if it does not wait for its client.
    """
    if not asked:
        return []
    parameters = {
        "pids": [session and session[0] for session in asked],
        "starts": [session and session[1] for session in asked],
    }
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(STATEMENTS["find_stalls"], parameters).fetchall()


def renew(connection: Connection, leases: Collection[Lease]) -> None:
    """Keep leases of the same length for their full time from now on."""
    if leases:
        connection.execute(STATEMENTS["renew"], _parameters(leases))


def find_cancelled(connection: Connection, leases: Collection[Lease]) -> set[uuid.UUID]:
    """Return the owners of those leases whose imports somebody has cancelled."""
    if not leases:
        return set()
    rows = connection.execute(STATEMENTS["find_cancelled"], _parameters(leases))
    return {owner for (owner,) in rows if isinstance(owner, uuid.UUID)}


def _parameters(leases: Collection[Lease]) -> dict[str, object]:
    return {
        "teams": [lease.team_id for lease in leases],
        "imports": [lease.import_id for lease in leases],
        "owners": [lease.owner for lease in leases],
        "lease_seconds": max(lease.seconds for lease in leases),
    }
