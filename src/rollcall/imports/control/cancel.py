"""Ending an import because somebody wants it: at once, or by its worker after the batch at work."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.kinds import ErrorCode, ImportStatus
from rollcall.imports.models import Cancellation, ContactImport
from rollcall.imports.queries import ImportNotFound, find_import

UNFINISHED = (ImportStatus.QUEUED, ImportStatus.IN_PROGRESS)


class ImportEnded(ValidationFailed):
    """This import has ended already, so it cannot be cancelled."""


async def cancel_import(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    """Cancel an import and return it, without a commit.

    A batch at work is not waited for: the import is then returned as it is, and its worker ends
    it after that batch, even if it was the last. To cancel it again until then changes nothing.

    Raises:
        ImportNotFound: there is none with this id.
        ImportEnded: it is completed or failed.
    """
    mine = (ContactImport.team_id == team_id, ContactImport.id == import_id)
    # Does not wait for a batch, only for a worker that is just ending the import; and until the
    # commit no worker can. What was read before it waited may be old, so it is read again.
    lock = select(ContactImport.id).where(*mine).with_for_update(read=True, key_share=True)
    if await session.scalar(lock) is None:
        raise ImportNotFound
    if (await find_import(session, team_id, import_id)).status not in UNFINISHED:
        raise ImportEnded
    wish = insert(Cancellation).values(team_id=team_id, import_id=import_id)
    await session.execute(wish.on_conflict_do_nothing())
    await _end_unless_a_batch_is_at_work(session, team_id, import_id)
    return await find_import(session, team_id, import_id)


async def _end_unless_a_batch_is_at_work(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> None:
    """End an import whose row no batch has locked; its worker, if any, finds that it is over."""
    key = (ContactImport.team_id, ContactImport.id)
    free = (
        select(*key)
        .where(ContactImport.team_id == team_id, ContactImport.id == import_id)
        .where(ContactImport.status.in_(UNFINISHED))
        .with_for_update(skip_locked=True)
    )
    end = (
        update(ContactImport)
        .where(tuple_(*key).in_(free))
        .values(
            status=ImportStatus.FAILED,
            error_code=ErrorCode.CANCELLED,
            completed_at=func.clock_timestamp(),
            lease_owner=None,
            lease_expires_at=None,
            revision=ContactImport.revision + 1,
            rows_per_second=None,
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(end)
