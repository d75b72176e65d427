"""The failed rows come back, corrected in a spreadsheet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.column_names import FAILED_ROW, FAILED_WHY
from rollcall.imports.drafts.choices import choices_of
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import DraftTable, read_draft
from rollcall.imports.drafts.receive import add_draft, receive_draft
from rollcall.imports.drafts.starting import start_import
from rollcall.imports.intake.accept import StartedBy
from rollcall.imports.intake.references import without_deleted
from rollcall.imports.mending.again import note_gone, same_options
from rollcall.imports.mending.rows_gone import as_text, from_text
from rollcall.imports.mending.store import lock_mend
from rollcall.imports.mending.work import Mending, MendingWork
from rollcall.imports.reading.dialect import Dialect


async def take_corrected_file(
    request: Request,
    session: AsyncSession,
    work: MendingWork,
    means: DraftMeans,
    mending: Mending,
    by: StartedBy,
) -> tuple[uuid.UUID, bool]:
    """Take in a corrected file with the columns and options of the first import, and commit.

    Returns:
        The id of the import of it, and true; or that of a draft, and false: it has other columns,
        and somebody has to say what they are.

    Raises:
        ValidationFailed, MissingField: the form or the file is not as it should be.
        PayloadTooLarge: the file is larger than it may be.
        StorageError: it cannot be stored.
    """
    async with receive_draft(request, by.team_id, means) as file:
        options = await without_deleted(session, by.team_id, same_options(mending.found))
        draft = await add_draft(
            session, by.team_id, file, api_key_id=by.api_key_id, mended_from=by.mended_from
        )
        header = (await read_draft(session, means, draft)).dialect.header
        draft.choices = choices_of(options, header).model_dump(mode="json")
        table = await read_draft(session, means, draft)
        id_, is_started = draft.id, _has_same_columns(mending, header)
        if is_started:
            id_, _ = await start_import(session, draft, table)
        await session.flush()
    # A commit whose answer is lost may have happened all the same, so the files stay.
    await session.commit()
    if is_started:
        # It reads the file once more. Should that fail, rows are offered that have gone already.
        await _note_rows(session, work, mending, draft, table)
        await session.commit()
    return id_, is_started


def _has_same_columns(mending: Mending, header: Sequence[str]) -> bool:
    """Tell whether a file has the first one's columns, those of a failures file aside."""
    added = {FAILED_ROW, FAILED_WHY}
    first = Dialect.from_json(mending.found.dialect).header
    mapped = set(ColumnMap.model_validate(mending.found.column_map).columns())
    compared = [[name for name in names if name not in added - mapped] for names in (first, header)]
    return compared[0] == compared[1]


async def _note_rows(
    session: AsyncSession,
    work: MendingWork,
    mending: Mending,
    draft: ContactImportDraft,
    table: DraftTable,
) -> None:
    """Note which failed rows went with the file, as it tells itself."""
    mapped = set(ColumnMap.model_validate(mending.found.column_map).columns())
    header = table.dialect.header
    if header.count(FAILED_ROW) != 1 or FAILED_ROW in mapped:
        return
    what: dict[str, Any] = {
        "job": "numbers",
        "key": draft.object_key,
        "size": draft.size,
        "dialect": table.dialect.as_json(),
        "rules": [],
        "gone": [],
        "was_gone": [as_text(each.rows) for each in mending.went],
        "row_column": header.index(FAILED_ROW),
    }
    found = await work.ask(mending, what)
    mend = await lock_mend(session, mending.found)
    if found["count"] and draft.import_id is not None:
        rows = from_text(found["rows"])
        await note_gone(session, mend, draft.import_id, found["count"], rows)
