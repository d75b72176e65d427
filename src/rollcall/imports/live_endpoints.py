"""`/contacts/imports/{import_id}`: follow it while it runs, cancel it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Path, Request
from fastapi.responses import Response

from rollcall.auth import CurrentTeam, team_router
from rollcall.db import SessionDep
from rollcall.error_answers import documented
from rollcall.idempotency import CheckedIdempotency
from rollcall.imports.cancel import cancel_import
from rollcall.imports.events import ImportEvents, stream_events
from rollcall.imports.failures import find_import
from rollcall.imports.schemas import ImportShown, show_import
from rollcall.imports.watcher import ImportState
from rollcall.wire import IdText, parse_id

router = team_router("/contacts/imports/{import_id}", "imports")

_EXAMPLE = """\
event: progress
data: {"object":"contact_import","id":"01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11",\
"status":"in_progress","created_at":"2026-11-20 09:12:44.1873+00","completed_at":null,\
"counts":{"total":600,"created":560,"updated":30,"skipped":0,"failed":10},"error":null,\
"progress":0.4987,"rows_per_second":412.5}
id: 7

"""
# The framework would otherwise describe errors as events too.
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `progress` at most twice a second, then `completed` or `failed`,"
        " each with the import as `GET /contacts/imports/{import_id}` shows it",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    204: {"description": "The import has ended, and `Last-Event-ID` is that of its last event"},
}

ImportId = Annotated[IdText, Path(description="The import's id.")]
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
    idempotency: CheckedIdempotency,
) -> ImportShown:
    """Cancel an import: it ends `failed`, with `error.code` being `cancelled`.

    One that is queued or waits for its turn ends at once; one that runs does after its current
    batch, and may still be shown as running. What was imported until then stays and stays counted.
    """
    row = await cancel_import(session, team_id, parse_id(import_id, "id"))
    return idempotency.remember(show_import(row))
