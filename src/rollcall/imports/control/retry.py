"""Queueing an import again that has failed: it goes on behind the last record committed."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.intake.references import ensure_properties
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import Cancellation, ContactImport
from rollcall.imports.options import ImportOptions
from rollcall.imports.queries import ImportNotFound, find_import


class FileDeleted(ValidationFailed):
    """The file of this import was deleted: the time it is kept is over. Upload it again."""


class NotFailed(ValidationFailed):
    """Only an import that has failed can be retried, and this one has not."""


async def retry_import(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    """Queue an import again and return it, without a commit.

    What it has counted, failed rows included, stays; a dry run begins anew. Properties that were
    deleted since are defined again, as by an upload.

    Raises:
        ImportNotFound: there is none with this id.
        FileDeleted: there is nothing to go on with.
        NotFailed: it is queued, runs or is completed.
        ValidationFailed: one of its properties is defined with another type by now.
    """
    row = await _lock_failed(session, team_id, import_id)
    options = await ensure_properties(session, team_id, ImportOptions.from_row(row))
    await session.execute(
        delete(Cancellation).where(
            Cancellation.team_id == team_id, Cancellation.import_id == import_id
        )
    )
    row.column_map = options.as_row()["column_map"]
    row.status = ImportStatus.QUEUED
    row.completed_at = None
    row.attempts = 0
    row.crashes = 0
    row.losses = 0
    row.released_at = func.now()
    row.error_code = None
    row.revision += 1
    await session.flush()
    # The time that the database has put in.
    await session.refresh(row)
    return row


async def _lock_failed(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    # Not locked before it is known to have ended: a batch at work would be waited for.
    _require_failed(await find_import(session, team_id, import_id))
    query = select(ContactImport).where(
        ContactImport.team_id == team_id, ContactImport.id == import_id
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(locked)
    if row is None:
        raise ImportNotFound
    _require_failed(row)
    if row.file_deleted_at is not None:
        raise FileDeleted
    return row


def _require_failed(row: ContactImport) -> None:
    if row.status == ImportStatus.FAILED:
        return
    state = {
        ImportStatus.QUEUED: "is queued already",
        ImportStatus.IN_PROGRESS: "is running",
        ImportStatus.COMPLETED: "is completed",
    }[ImportStatus(row.status)]
    raise NotFailed(f"This import {state}. Only an import that has failed can be retried.")
