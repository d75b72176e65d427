"""Writing a note about an import."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.models import ContactImport


async def set_note(session: AsyncSession, row: ContactImport, note: str | None) -> None:
    """Write what is said of an import, without a commit; a batch at work is waited for."""
    await session.execute(
        update(ContactImport)
        .where(ContactImport.team_id == row.team_id, ContactImport.id == row.id)
        .values(note=note, revision=ContactImport.revision + 1)
    )
