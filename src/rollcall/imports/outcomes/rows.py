"""The rows that an import has created or updated, for a file of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rollcall.errors import NotFound
from rollcall.imports.failures.file import RowsWanted
from rollcall.imports.issues import Failure
from rollcall.imports.kinds import OnConflict
from rollcall.imports.models import ContactImport, StoredBatch
from rollcall.imports.outcomes.bits import RowBits

Bits = InstrumentedAttribute[bytes | None]


class RowsNotNoted(NotFound):
    """Which rows this import has created and updated was not noted when it ran."""


class NothingStored(NotFound):
    """A dry run creates and updates nothing: its `changes` show what an import would do."""


async def require_rows(session: AsyncSession, found: ContactImport) -> None:
    """Return if it is known what became of the rows of an import.

    Raises:
        NothingStored: it is a dry run.
        RowsNotNoted: it ran, or began to, before that was noted.
    """
    if found.dry_run:
        raise NothingStored
    # What was counted when the import was read has been noted by now.
    query = select(StoredBatch.created, StoredBatch.matched).where(*_of(found))
    noted = sum(
        len(RowBits(bits, 0)) for row in await session.execute(query) for bits in row if bits
    )
    if noted < found.created + found.updated + found.skipped:
        raise RowsNotNoted


async def _fetch_created(session: AsyncSession, found: ContactImport, row: int) -> list[Failure]:
    return await _next_rows(session, found, StoredBatch.created, row)


async def _fetch_updated(session: AsyncSession, found: ContactImport, row: int) -> list[Failure]:
    if found.on_conflict == OnConflict.SKIP:
        return []
    return await _next_rows(session, found, StoredBatch.matched, row)


CREATED = RowsWanted(name="created", with_reasons=False, fetch=_fetch_created)
UPDATED = RowsWanted(name="updated", with_reasons=False, fetch=_fetch_updated)


async def _next_rows(
    session: AsyncSession, found: ContactImport, bits: Bits, after_row: int
) -> list[Failure]:
    """Return the rows of the next batch that has any."""
    query = (
        select(StoredBatch.first_row, bits)
        .where(*_of(found), bits.is_not(None), StoredBatch.last_row > after_row)
        .order_by(StoredBatch.first_row)
        # The first may have none behind the row; if there is another one, it has.
        .limit(2)
    )
    for first_row, stored in await session.execute(query):
        rows = [Failure(row, None, "") for row in RowBits(stored, first_row) if row > after_row]
        if rows:
            return rows
    return []


def _of(found: ContactImport) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return StoredBatch.team_id == found.team_id, StoredBatch.import_id == found.id
