"""Finding drafts, changing what was said of them, and ending them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, ValidationFailed
from rollcall.imports.drafts.choices import Choices
from rollcall.imports.drafts.models import EXPIRY, ContactImportDraft

# A person has a few files under way; what is older than these ends by itself.
MOST_LISTED = 20


class DraftNotFound(NotFound):
    """This upload is not there any more: it was thrown away, or nobody has come back to it"""


class DraftImported(ValidationFailed):
    """This file is imported already, and how cannot be changed any more."""


async def find_draft(
    session: AsyncSession, team_id: uuid.UUID, draft_id: uuid.UUID
) -> ContactImportDraft:
    """Return a draft as it is now.

    Raises:
        DraftNotFound: there is none with this id.
    """
    draft = await session.get(ContactImportDraft, (team_id, draft_id), populate_existing=True)
    if draft is None:
        raise DraftNotFound
    return draft


async def lock_draft(
    session: AsyncSession, team_id: uuid.UUID, draft_id: uuid.UUID
) -> ContactImportDraft:
    """Return a draft that nobody else changes, or ends, before the transaction does.

    Raises:
        DraftNotFound: there is none with this id.
    """
    draft = await session.scalar(
        select(ContactImportDraft)
        .where(ContactImportDraft.team_id == team_id, ContactImportDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise DraftNotFound
    return draft


async def open_drafts(session: AsyncSession, team_id: uuid.UUID) -> Sequence[ContactImportDraft]:
    """Return the team's drafts that are not imported yet, those changed last first."""
    found = await session.scalars(
        select(ContactImportDraft)
        .where(
            ContactImportDraft.team_id == team_id,
            ContactImportDraft.import_id.is_(None),
            ContactImportDraft.expires_at > func.now(),
        )
        .order_by(ContactImportDraft.changed_at.desc())
        .limit(MOST_LISTED)
    )
    return found.all()


async def change_choices(
    session: AsyncSession, draft: ContactImportDraft, choices: Choices
) -> None:
    """Keep what was said of a locked draft, without a commit; it lives for longer then.

    Raises:
        DraftImported: it is imported.
    """
    if draft.import_id is not None:
        raise DraftImported
    draft.choices = choices.model_dump(mode="json")
    draft.changed_at = func.now()
    draft.expires_at = EXPIRY  # type: ignore[assignment]
    await session.flush()


async def delete_draft(session: AsyncSession, draft: ContactImportDraft) -> list[str]:
    """Delete a locked draft, without a commit; return the keys of files that nobody has then."""
    await session.execute(
        delete(ContactImportDraft).where(
            ContactImportDraft.team_id == draft.team_id, ContactImportDraft.id == draft.id
        )
    )
    csv = [] if draft.is_begun else [draft.object_key]
    return [*csv, *filter(None, [draft.packed_key])]
