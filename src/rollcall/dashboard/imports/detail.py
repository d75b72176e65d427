"""An import's page, and what keeps it up to date while the import runs."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Header, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import render, write
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.imports.rows import PAGE, RowsShown, show_failures, show_warnings
from rollcall.dashboard.imports.surroundings import find_surroundings
from rollcall.dashboard.imports.wording import UNFINISHED, Strip, mapped_columns, pace_of, strip_of
from rollcall.imports.failures.spread import find_spread
from rollcall.imports.live.events import ImportEvents, stream_events
from rollcall.imports.live.watcher import ImportState
from rollcall.imports.queries import find_import
from rollcall.imports.schemas import ImportShown, show_import
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router("/imports")
LIVE = "imports/parts/live.html"
LastEventId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, lt=2**63)]


@router.get("/{import_id}")
async def show_page(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show an import: how far it is, or what has become of it, and what it was asked to do."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    shown = show_import(row)
    rows: list[RowsShown] = []
    strip = None
    are_kept = row.problems_deleted_at is None
    if shown.failures and are_kept:
        if shown.status not in UNFINISHED:
            strip = strip_of(await find_spread(session, row, shown.dialect.header_row or 0))
        rows.append(await show_failures(session, row, PAGE))
    if shown.warnings and are_kept:
        rows.append(await show_warnings(session, row, PAGE))
    return render(
        request,
        "imports/import.html",
        **_live(shown, strip),
        row=row,
        names=await find_surroundings(session, row),
        columns=list(mapped_columns(shown.column_map)),
        problems=rows,
    )


@router.get("/{import_id}/events")
async def follow(
    request: Request,
    import_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow an import: each event has the part of the page that tells how far it is, as HTML."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    state = ImportState.of(row)
    if state.is_final and state.revision == last_event_id:
        return Response(status_code=204)

    def as_html(state: ImportState) -> str:
        return json.dumps({"html": write(request, LIVE, **_live(state.shown))})

    watcher = request.app.state.import_watcher
    return ImportEvents(stream_events(watcher, row, last_event_id, as_html))


def _live(shown: ImportShown, strip: Strip | None = None) -> dict[str, Any]:
    """Return what the part of the page wants that changes while an import runs."""
    return {
        "shown": shown,
        "strip": strip,
        "pace": pace_of(shown),
        "is_unfinished": shown.status in UNFINISHED,
    }
