"""What is said of a draft's file as a whole: it is read anew, and all else that was said stays."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.drafts.choices import Choices, FileChoices
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.queries import DraftNotFound, change_choices, find_draft, lock_draft
from rollcall.imports.drafts.reading import DraftTable, propose_columns, read_draft
from rollcall.imports.drafts.sheets import SheetFile, read_sheet


async def change_file(
    session: AsyncSession,
    means: DraftMeans,
    team_id: uuid.UUID,
    draft_id: uuid.UUID,
    said: FileChoices,
) -> DraftTable:
    """Have a draft read in another way, which is committed here, and return how it reads then.

    Raises:
        ValidationFailed: it cannot be read so, and is read as before.
        DraftNotFound, DraftImported: it cannot be changed any more.
    """
    draft = await find_draft(session, team_id, draft_id)
    sheet: SheetFile | None = None
    if said.sheet is not None and said.sheet != draft.sheet:
        if draft.packed_key is None:
            raise ValidationFailed("Only a workbook has sheets, and this file is none.")
        # It may take a while, in which others need the connection; nothing is written yet.
        await session.commit()
        sheet = await read_sheet(means, draft, said.sheet)
    try:
        table, unused = await _keep(session, means, (team_id, draft_id), said, sheet)
    except BaseException:
        if sheet is not None:
            await means.delete([sheet.object_key])
        raise
    await means.delete(unused)
    if means.model is None:
        return table
    await keep_proposals(session, means, team_id, draft_id)
    return await read_draft(session, means, await find_draft(session, team_id, draft_id))


async def _keep(
    session: AsyncSession,
    means: DraftMeans,
    key: tuple[uuid.UUID, uuid.UUID],
    said: FileChoices,
    sheet: SheetFile | None,
) -> tuple[DraftTable, list[str]]:
    draft = await lock_draft(session, *key)
    unused = [] if sheet is None else sheet.put_into(draft)
    choices = Choices.model_validate(draft.choices).model_copy(update={"file": said})
    draft.proposals = []
    await change_choices(session, draft, choices)
    table = await read_draft(session, means, draft)
    await session.commit()
    return table, unused


async def keep_proposals(
    session: AsyncSession, means: DraftMeans, team_id: uuid.UUID, draft_id: uuid.UUID
) -> None:
    """Ask a language model about a draft's columns, if there is one; commits what it says."""
    if means.model is None:
        return
    draft = await find_draft(session, team_id, draft_id)
    file = (draft.object_key, draft.choices["file"])
    proposals = await propose_columns(session, means, draft)
    try:
        draft = await lock_draft(session, team_id, draft_id)
    except DraftNotFound:
        return
    # Somebody may have had it read in another way meanwhile.
    if proposals and (draft.object_key, draft.choices["file"]) == file:
        draft.proposals = proposals
    await session.commit()
