"""A draft becomes an import: first one that only tells what it would do, then the import itself."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import uuid
from dataclasses import replace

from pydantic import ValidationError
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.control.cancel import ImportEnded, cancel_import
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import DraftTable
from rollcall.imports.intake.accept import StartedBy, create_import_row
from rollcall.imports.intake.receive import ReceivedFile
from rollcall.imports.matching.header import match_header
from rollcall.imports.models import ContactImport
from rollcall.imports.options import ImportOptions
from rollcall.imports.queries import ImportNotFound
from rollcall.imports.reading.dialect import HeaderError
from rollcall.imports.suggesting.memory import remember
from rollcall.wrong_values import explain

# A draft that has become an import is only there for whoever asks once more.
AFTERWARDS = text("now() + interval '1 day'")


class ColumnsNotReady(ValidationFailed):
    """The columns have to be mended first."""


def fingerprint(draft: ContactImportDraft, table: DraftTable) -> str:
    """Return what changes whenever an import of the draft would be asked to do something else.

    Raises:
        ColumnsNotReady: nothing can be imported as it is.
    """
    # A note says nothing of what becomes of the rows.
    options = replace(_options(table, dry_run=True), note=None)
    asked = {**options.as_json(), "file": draft.object_key}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


async def start_check(
    session: AsyncSession, draft: ContactImportDraft, table: DraftTable
) -> tuple[uuid.UUID, bool]:
    """Have it told what an import of a locked draft would do, without a commit.

    A dry run that was asked to do the same is the one, unless it has failed. Another one that has
    not ended is cancelled.

    Returns:
        The id of the dry run, and whether it was started now.

    Raises:
        ColumnsNotReady, ValidationFailed: nothing can be imported as it is.
    """
    wanted = fingerprint(draft, table)
    if draft.check_id is not None:
        row = await session.get(ContactImport, (draft.team_id, draft.check_id))
        if draft.checked == wanted and row is not None and row.error_code is None:
            return draft.check_id, False
        await _cancel(session, draft.team_id, draft.check_id)
    row = await _create(session, draft, table, dry_run=True)
    draft.check_id, draft.checked, draft.is_begun = row.id, wanted, True
    await session.flush()
    return row.id, True


async def start_import(
    session: AsyncSession, draft: ContactImportDraft, table: DraftTable
) -> tuple[uuid.UUID, bool]:
    """Import a locked draft, without a commit. However often it is asked for, it is one import.

    What was said of the columns is remembered for files with the same header.

    Returns:
        The id of the import, and whether it was started now.

    Raises:
        ColumnsNotReady, ValidationFailed: nothing can be imported as it is.
    """
    if draft.import_id is not None:
        return draft.import_id, False
    row = await _create(session, draft, table, dry_run=False)
    await remember(session, draft.team_id, table.dialect.header, table.columns.column_map())
    if draft.check_id is not None:
        await _cancel(session, draft.team_id, draft.check_id)
    draft.import_id, draft.is_begun = row.id, True
    draft.changed_at = func.now()
    draft.expires_at = AFTERWARDS  # type: ignore[assignment]
    await session.flush()
    return row.id, True


def _options(table: DraftTable, *, dry_run: bool) -> ImportOptions:
    if table.columns.stops:
        raise ColumnsNotReady
    try:
        return table.choices.options(table.columns.column_map(), dry_run=dry_run)
    except ValidationError as error:
        raise ValidationFailed(
            f"The columns cannot be read: {explain(error.errors()[0])}."
        ) from None


async def _create(
    session: AsyncSession, draft: ContactImportDraft, table: DraftTable, *, dry_run: bool
) -> ContactImport:
    options = _options(table, dry_run=dry_run)
    try:
        dialect, _ = await asyncio.to_thread(match_header, table.head, options.mapped())
    except HeaderError as error:
        raise ValidationFailed(str(error)) from None
    file = ReceivedFile(
        filename=draft.filename, size=draft.size, crc32=draft.crc32, sha256=draft.sha256
    )
    by = StartedBy(
        team_id=draft.team_id, api_key_id=draft.api_key_id, mended_from=draft.mended_from
    )
    return await create_import_row(session, by, draft.object_key, file, dialect, options)


async def _cancel(session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID) -> None:
    """End a dry run of which nobody wants to know any more, if it has not ended."""
    with contextlib.suppress(ImportEnded, ImportNotFound):
        await cancel_import(session, team_id, import_id)
