"""`/contacts/imports/preview`: what an upload would be read as."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import Request

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.errors import ValidationFailed
from rollcall.imports.intake.accept import head_of
from rollcall.imports.intake.form import PREVIEW_FORM
from rollcall.imports.intake.receive import ReceivedFile, receive_form
from rollcall.imports.kinds import AutomaticMap
from rollcall.imports.reading.dialect import HeaderError
from rollcall.imports.suggesting.schemas import ImportPreview, show_preview
from rollcall.imports.suggesting.suggested import suggest_columns
from rollcall.web.bodies import streams_its_body
from rollcall.web.error_answers import documented
from rollcall.web.session import SessionDep

router = team_router("/contacts/imports", "imports")

# Enough for every header, and for the cells that tell what the columns are.
PREVIEW_BYTES = 1024 * 1024


@router.post("/preview", openapi_extra=PREVIEW_FORM, responses=documented(413))
@streams_its_body
async def preview_import(
    request: Request, team_id: CurrentTeam, session: SessionDep
) -> ImportPreview:
    """Tell how a file would be read, and suggest what its columns mean. Nothing is stored.

    At most the first MiB of its CSV is looked at, so that the beginning of a large file will do; a
    workbook has to be sent whole.
    """
    state = request.app.state
    converter = state.preview_converter.of(team_id)
    limit = state.settings.max_upload_bytes
    form = await receive_form(request, converter, limit, _look, AutomaticMap.AUTO)
    head = await asyncio.to_thread(head_of, form.file, form.options)
    suggested = await suggest_columns(session, team_id, head, state.language_model)
    try:
        dialect = await asyncio.to_thread(suggested.read_dialect)
    except HeaderError as error:
        raise ValidationFailed(str(error)) from None
    return show_preview(suggested, dialect)


async def _look(file: ReceivedFile, csv: AsyncIterator[bytes]) -> None:
    """Take the beginning of a file."""
    async with contextlib.aclosing(csv) as pieces:  # type: ignore[type-var]
        async for data in pieces:
            file.measure(data[: PREVIEW_BYTES - file.size])
            if file.size >= PREVIEW_BYTES:
                file.is_whole = False
                return
