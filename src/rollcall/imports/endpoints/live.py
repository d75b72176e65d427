"""`/contacts/imports/{import_id}`: follow it while it runs, cancel it, retry it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import Response
from fastapi.sse import format_sse_event

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.imports.control.cancel import cancel_import
from rollcall.imports.control.retry import retry_import
from rollcall.imports.counting import count_end
from rollcall.imports.endpoints.parameters import ImportId
from rollcall.imports.examples import IMPORT_SHOWN
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.live.events import ImportEvents, stream_events
from rollcall.imports.live.watcher import ImportState
from rollcall.imports.queries import find_import
from rollcall.imports.schemas import ImportShown, show_import
from rollcall.web.error_answers import documented
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = team_router("/contacts/imports/{import_id}", "imports")

_RUNNING: dict[str, Any] = {
    **IMPORT_SHOWN,
    "status": ImportStatus.IN_PROGRESS,
    "completed_at": None,
    "progress": 0.4987,
    "rows_per_second": 412.5,
}
_EXAMPLE = format_sse_event(event="progress", id="7", data_str=json.dumps(_RUNNING)).decode()
# The framework would otherwise describe errors as events too.
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `progress` at most twice a second, then `completed` or `failed`,"
        " each with the import as `GET /contacts/imports/{import_id}` shows it",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    204: {"description": "The import has ended, and `Last-Event-ID` is that of its last event"},
}

LastEventId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        lt=2**63,
        description="The id of the last event that was seen; only what came after it is sent.",
    ),
]


@router.get("/events", response_class=Response, responses={**EVENT_STREAM, **documented(404)})
async def watch_import(
    request: Request,
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow an import as server-sent events, beginning with how it is now.

    The stream ends with the import, and otherwise after a quarter of an hour: a client then asks
    again with the last event's id, as browsers do by themselves.
    """
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    state = ImportState.of(row)
    if state.is_final and state.revision == last_event_id:
        # Which tells browsers not to come back.
        return Response(status_code=204)
    return ImportEvents(stream_events(request.app.state.import_watcher, row, last_event_id))


@router.post("/cancel", responses=documented(400, 404, 409))
async def cancel(
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> ImportShown:
    """Cancel an import: it ends `failed`, with `error.code` being `cancelled`.

    One that is queued or waits for its turn ends at once; one that runs does after its current
    batch, and may still be shown as running. What was imported until then stays and stays counted.
    """
    await idempotency.check()
    row = await cancel_import(session, team_id, parse_id(import_id, "id"))
    if row.status == ImportStatus.FAILED:
        count_end(ImportStatus.FAILED, row.error_code, dry_run=row.dry_run)
    return idempotency.remember(show_import(row))


@router.post("/retry", responses=documented(400, 404, 409))
async def retry(
    request: Request,
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> ImportShown:
    """Run an import again that has failed, from behind the last row that was committed.

    Its counts and failed rows stay and go on; a dry run begins anew.
    """
    await idempotency.check()
    row = await retry_import(session, team_id, parse_id(import_id, "id"))
    shown = idempotency.remember(show_import(row))
    await session.commit()
    request.app.state.notifier.notify(row.id)
    return shown
