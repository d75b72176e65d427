"""An upload becomes an import's row."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.intake.receive import ReceivedFile, ReceivedForm
from rollcall.imports.intake.references import check_references, ensure_properties
from rollcall.imports.intake.sheets import SHEET_DELIMITER
from rollcall.imports.kinds import ROW_FORMAT, AutomaticMap, Lane
from rollcall.imports.matching.header import match_header
from rollcall.imports.models import ContactImport
from rollcall.imports.options import ImportOptions
from rollcall.imports.reading.dialect import DELIMITERS, Dialect, Head, HeaderError
from rollcall.imports.reading.encoding import HEAD_BYTES, asked_encoding
from rollcall.imports.suggesting.language_model import LanguageModel
from rollcall.imports.suggesting.memory import remember
from rollcall.imports.suggesting.suggested import suggest_columns
from rollcall.imports.suggesting.unread import unread_columns


@dataclass(frozen=True, kw_only=True)
class StartedBy:
    """Whose import it is, with which of their keys, and whose failed rows it has been made of."""

    team_id: uuid.UUID
    api_key_id: uuid.UUID | None = None
    mended_from: uuid.UUID | None = None


async def create_import_row(
    session: AsyncSession,
    by: StartedBy,
    key: str,
    file: ReceivedFile,
    dialect: Dialect,
    options: ImportOptions,
) -> ContactImport:
    """Check an upload against the team's data and add its row, without a commit.

    `key` is where the file is in the storage.
    """
    await check_references(session, by.team_id, options)
    options = await ensure_properties(session, by.team_id, options)
    row = ContactImport(
        team_id=by.team_id,
        api_key_id=by.api_key_id,
        mended_from=by.mended_from,
        object_key=key,
        filename=file.filename,
        size=file.size,
        crc32=file.crc32,
        lane=Lane.of(file.size, dry_run=options.dry_run),
        row_format=ROW_FORMAT,
        sha256=file.sha256,
        dialect=dialect.as_json(),
        **options.as_row(),
    )
    session.add(row)
    await session.flush()
    return row


async def settle_columns(
    session: AsyncSession,
    team_id: uuid.UUID,
    form: ReceivedForm,
    model: LanguageModel | None,
) -> tuple[Dialect, ColumnMap]:
    """Return how a file is to be read, and which of its columns mean what.

    A map that was sent is remembered, unless it is only tried.

    Raises:
        ValidationFailed: saying what is wrong with its header.
    """
    head = await asyncio.to_thread(head_of, form.file, form.options)
    asked = form.options.column_map
    try:
        if asked is AutomaticMap.AUTO:
            suggested = await suggest_columns(session, team_id, head, model)
            return await asyncio.to_thread(suggested.settle)
        dialect, column_map = await asyncio.to_thread(match_header, head, asked)
    except HeaderError as error:
        raise ValidationFailed(str(error)) from None
    if asked is None:
        unread = await asyncio.to_thread(unread_columns, head, dialect, column_map)
        dialect = replace(dialect, unread=unread)
    elif not form.options.dry_run:
        await remember(session, team_id, dialect.header, column_map)
    return dialect, column_map


def head_of(file: ReceivedFile, options: ImportOptions) -> Head:
    """Return what is known of a file; takes too long for the event loop.

    Raises:
        ValidationFailed: something was said of it that it does not have.
    """
    is_sheet, data = file.sheet is not None, bytes(file.head)
    head = Head(
        data=data,
        complete=file.is_whole and file.size <= HEAD_BYTES,
        encoding=asked_encoding(None if is_sheet else options.encoding, data)
        or file.evidence.encoding(complete=file.is_whole),
        header_row=options.header_row,
    )
    if is_sheet:
        # A sheet has become CSV here, so there is nothing left to be said of that.
        return replace(head, delimiters=SHEET_DELIMITER, sheet=file.sheet)
    if options.sheet is not None:
        raise ValidationFailed(
            "Invalid `sheet`: only a workbook has sheets, and the `file` is none. Leave it out."
        )
    return replace(head, delimiters=options.delimiter or DELIMITERS)
