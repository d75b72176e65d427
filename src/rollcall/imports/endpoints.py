"""`/contacts/imports`: upload, list, get."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth import CurrentTeam, streams_its_body, team_router
from rollcall.db import SessionDep
from rollcall.error_answers import documented
from rollcall.errors import ValidationFailed
from rollcall.idempotency import UncheckedIdempotency
from rollcall.imports.bell import ring
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.dialect import DELIMITERS, Dialect, check_header, read_dialect
from rollcall.imports.encoding import HEAD_BYTES
from rollcall.imports.failures import find_import
from rollcall.imports.kinds import ImportStatus, Lane, OnConflict
from rollcall.imports.models import ContactImport
from rollcall.imports.options import (
    ImportOptions,
    check_references,
    ensure_properties,
    read_options,
)
from rollcall.imports.schemas import (
    LISTED,
    ImportCreated,
    ImportListed,
    ImportShown,
    list_import,
    show_import,
)
from rollcall.imports.upload import StoredFile, Upload, receive_upload
from rollcall.pagination import PageOf10, fetch_page
from rollcall.wire import ListOf, parse_id

router = team_router("/contacts/imports", "imports")

# The body is read as a stream, so the framework cannot know its fields.
MULTIPART_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A table with a header row: CSV, also packed as"
                            " `.csv.gz` or as the one file of a `.zip`, or an Excel workbook"
                            " (`.xlsx`), whose first sheet is read. What it is, its content says,"
                            " not its name. The size limit holds for the unpacked CSV too.",
                        },
                        "column_map": {
                            "type": "string",
                            "description": "JSON: contact fields and properties by column name.",
                            "example": '{"email":"Email","properties":{"plan":{"column":"Plan"}}}',
                        },
                        "on_conflict": {"type": "string", "enum": list(OnConflict)},
                        "resubscribe": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "default": "true",
                            "description": "With `false`, who has unsubscribed stays so.",
                        },
                        "dry_run": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "default": "false",
                            "description": "With `true`, only tell what would happen.",
                        },
                        "segments": {
                            "type": "string",
                            "description": 'JSON: `[{"id":"…"}]`; contacts are added to all.',
                        },
                        "topics": {
                            "type": "string",
                            "description": 'JSON: `[{"id":"…","subscription":"opt_in"}]`.',
                        },
                    },
                }
            }
        },
    }
}


@router.post("", status_code=201, openapi_extra=MULTIPART_FORM, responses=documented(400, 409, 413))
@streams_its_body
async def create_import(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: UncheckedIdempotency,
) -> ImportCreated:
    """Take in a CSV file or a workbook. The answer is sent when file and import are durable."""
    state = request.app.state
    key = f"{team_id}/{uuid.uuid4()}"
    limit = state.settings.max_upload_bytes
    converter = state.converter.of(team_id)
    async with receive_upload(request, state.storage, converter, key, limit) as upload:
        await idempotency.check(b"/contacts/imports", *_payload(upload))
        row = await _create(session, team_id, upload)
        created = idempotency.remember(ImportCreated(id=row.id))
    # A commit whose answer is lost may have happened all the same, so the file stays.
    await session.commit()
    await ring(state.bell, row.id)
    return created


@router.get("")
async def list_imports(
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf10,
    status: Annotated[str | None, Query(description="Only imports in this status.")] = None,
) -> ListOf[ImportListed]:
    """List imports, newest first."""
    query = select(*LISTED).where(ContactImport.team_id == team_id)
    if status is not None:
        query = query.where(ContactImport.status == _read_status(status))
    rows, has_more = await fetch_page(session, page, query, ContactImport.id)
    return ListOf(has_more=has_more, data=[list_import(row) for row in rows])


@router.get("/{import_id}", responses=documented(404))
async def get_import(import_id: str, team_id: CurrentTeam, session: SessionDep) -> ImportShown:
    """Show an import with its counts and what has failed for which reason, live while it runs."""
    return show_import(await find_import(session, team_id, parse_id(import_id, "id")))


def _payload(upload: Upload) -> tuple[bytes, bytes]:
    """Return what makes two uploads the same: the file's bytes and the fields."""
    return upload.file.sha256, json.dumps(upload.fields, sort_keys=True).encode()


async def _create(session: AsyncSession, team_id: uuid.UUID, upload: Upload) -> ContactImport:
    """Check an upload and add its row, without a commit."""
    options = read_options(upload.fields)
    # Detection of legacy encodings is slow enough to be kept away from the event loop.
    dialect, column_map = await asyncio.to_thread(_read_header, upload.file, options)
    await check_references(session, team_id, options)
    column_map = await ensure_properties(session, team_id, column_map, define=not options.dry_run)
    row = ContactImport(
        team_id=team_id,
        object_key=upload.file.key,
        filename=upload.file.filename,
        size=upload.file.size,
        lane=Lane.of(upload.file.size, dry_run=options.dry_run),
        sha256=upload.file.sha256,
        dialect=dialect.as_json(),
        column_map=column_map.model_dump(mode="json"),
        on_conflict=options.on_conflict,
        resubscribe=options.resubscribe,
        dry_run=options.dry_run,
        segments=[str(segment) for segment in options.segments],
        topics={str(topic): choice for topic, choice in options.topics.items()},
    )
    session.add(row)
    await session.flush()
    return row


def _read_header(file: StoredFile, options: ImportOptions) -> tuple[Dialect, ColumnMap]:
    column_map = options.column_map
    wanted: Any = DEFAULT_FIELDS if column_map is None else list(column_map.columns())
    dialect = read_dialect(
        file.head,
        complete=file.size <= HEAD_BYTES,
        wanted=wanted,
        delimiters=file.delimiter or DELIMITERS,
    )
    if column_map is None:
        column_map = ColumnMap.matching(dialect.header)
    check_header(dialect, column_map)
    return dialect, column_map


def _read_status(value: str) -> ImportStatus:
    try:
        return ImportStatus(value)
    except ValueError:
        allowed = ", ".join(ImportStatus)
        raise ValidationFailed(f"Invalid `status`: it must be one of {allowed}.") from None
