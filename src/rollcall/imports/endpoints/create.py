"""`/contacts/imports`: upload."""

from __future__ import annotations

import uuid
from dataclasses import replace

import structlog
from fastapi import Request

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.imports.intake.accept import StartedBy, create_import_row, settle_columns
from rollcall.imports.intake.form import MULTIPART_FORM
from rollcall.imports.intake.upload import receive_upload
from rollcall.imports.kinds import AutomaticMap
from rollcall.imports.schemas import ImportCreated
from rollcall.metrics.catalogue import UPLOADS
from rollcall.web.bodies import streams_its_body
from rollcall.web.error_answers import documented
from rollcall.web.session import SessionDep

log = structlog.get_logger(__name__)

router = team_router("/contacts/imports", "imports")


@router.post("", status_code=201, openapi_extra=MULTIPART_FORM, responses=documented(400, 409, 413))
@streams_its_body
async def create_import(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> ImportCreated:
    """Take in a CSV file or a workbook. The answer is sent when file and import are durable."""
    state = request.app.state
    key = f"{team_id}/{uuid.uuid4()}"
    limit = state.settings.max_upload_bytes
    converter = state.converter.of(team_id)
    await state.storage_guard.require()
    async with receive_upload(request, state.storage, converter, key, limit) as form:
        # A volume that was taken away meanwhile has left a folder that takes files all the same.
        await state.storage_guard.require()
        dialect, column_map = await settle_columns(session, team_id, form, state.language_model)
        options = replace(form.options, column_map=column_map)
        # What was found out may be another thing when the same is asked for again.
        is_asked = form.options if form.options.column_map is AutomaticMap.AUTO else options
        await idempotency.check({"file": form.file.sha256.hex(), **is_asked.as_json()})
        by = StartedBy(team_id=team_id, api_key_id=request.state.api_key_id)
        row = await create_import_row(session, by, key, form.file, dialect, options)
        created = idempotency.remember(ImportCreated(id=row.id))
        # What fails until here was certainly not recorded, and the file goes again.
        await session.flush()
    # A commit whose answer is lost may have happened all the same, so the file stays.
    await session.commit()
    log.info("import accepted", import_id=str(row.id), size=row.size, lane=row.lane)
    UPLOADS.add(lane=row.lane)
    state.notifier.notify(row.id)
    return created
