"""Finding imports, and listing them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import ContactImport
from rollcall.web.pagination import Page, fetch_page

# What a list shows; the rest of a row may be large.
LISTED = (
    ContactImport.id,
    ContactImport.status,
    ContactImport.created_at,
    ContactImport.completed_at,
    ContactImport.total,
    ContactImport.created,
    ContactImport.updated,
    ContactImport.skipped,
    ContactImport.failed,
    ContactImport.error_code,
    ContactImport.failures,
    ContactImport.warnings,
    ContactImport.size,
    ContactImport.resume_offset,
    ContactImport.rows_per_second,
    ContactImport.last_batch_age,
    ContactImport.dry_run,
    ContactImport.note,
    ContactImport.filename,
    ContactImport.lease_owner,
    ContactImport.lease_expires_at,
    ContactImport.lease_left,
    ContactImport.is_understood,
    ContactImport.released_at,
    ContactImport.attempts,
    ContactImport.crashes,
    ContactImport.losses,
)


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


async def list_imports(
    session: AsyncSession, team_id: uuid.UUID, page: Page, status: ImportStatus | None
) -> tuple[list[Row[Any]], bool]:
    """Return a page of imports, newest first, and whether there are more; `LISTED` of each."""
    query = select(*LISTED).where(ContactImport.team_id == team_id)
    if status is not None:
        query = query.where(ContactImport.status == status)
    return await fetch_page(session, page, query, ContactImport.id)
