"""What became of the records, told on the import's own row."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.batching.batch import Batch
from rollcall.imports.merging.merge import BatchCounts
from rollcall.imports.running.leases import Lease, LeaseLost

STATEMENTS = load_statements(__package__, "progress.sql")


def record_batch(connection: Connection, lease: Lease, counts: BatchCounts, batch: Batch) -> None:
    """Add a batch's counts and move the position, in the batch's own transaction.

    Raises:
        LeaseLost: the import has another owner, or is over.
    """
    parameters = {
        **lease.parameters(),
        **asdict(counts),
        "rows": counts.created + counts.updated + counts.skipped + counts.failed,
        "failures": Jsonb(counts.failures),
        "warnings": Jsonb(counts.warnings),
        "last_row": batch.last_row,
        "resume_row": batch.resume.row,
        "resume_offset": batch.resume.offset,
    }
    if connection.execute(STATEMENTS["record_batch"], parameters).rowcount == 0:
        raise LeaseLost(LeaseLost.__doc__)


def complete(connection: Connection, lease: Lease) -> bool:
    """End an import whose every record is accounted for, in the last batch's transaction.

    Returns:
        Whether it is completed; if not, it was cancelled while its last batch was at work.
    """
    ended = _end(connection, lease, None)
    return ended is not None and ended[0]


def fail(connection: Connection, lease: Lease, error_code: str) -> str | None:
    """End an import that cannot go on. What was committed stays and stays counted.

    If somebody has cancelled it, that is what it is said to have ended by.

    Returns:
        The code that it ended with; None when it was not ours any more.
    """
    with connection.transaction():
        ended = _end(connection, lease, error_code)
        return None if ended is None else ended[1]


def _end(
    connection: Connection, lease: Lease, error_code: str | None
) -> tuple[bool, str | None] | None:
    """Return whether the import is completed, and with which error it ended."""
    connection.execute(STATEMENTS["lock_for_the_end"], lease.parameters())
    parameters = {**lease.parameters(), "error_code": error_code}
    row: Any = connection.execute(STATEMENTS["end"], parameters).fetchone()
    return None if row is None else (row[0], row[1])
