"""Reading one import."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound
from rollcall.imports.models import ContactImport


class ImportNotFound(NotFound):
    """Contact import not found"""


async def find_import(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    """Return an import as it is now.

    Raises:
        ImportNotFound: there is none with this id.
    """
    row = await session.get(ContactImport, (team_id, import_id), populate_existing=True)
    if row is None:
        raise ImportNotFound
    return row
