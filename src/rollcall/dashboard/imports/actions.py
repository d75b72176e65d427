"""What can be done with an import: cancel, retry, write a note."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.frame.view import view_of
from rollcall.imports.control.cancel import cancel_import
from rollcall.imports.control.note import set_note
from rollcall.imports.control.retry import retry_import
from rollcall.imports.note import MAX_NOTE_CHARACTERS, read_note
from rollcall.imports.queries import find_import
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router("/imports")
NOTE = "imports/note.html"
Typed = Annotated[str, Form()]


@router.get("/{import_id}/cancel")
async def ask_before_cancelling(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Ask whether an import is to end now, and say what becomes of what it has done."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    return render(request, "imports/cancel.html", row=row)


@router.post("/{import_id}/cancel")
async def cancel(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """End an import, at once or after the batch at work."""
    row = await cancel_import(session, team_id, parse_id(import_id, "id"))
    return go_to(request, f"/imports/{row.id}", "imports.cancelled")


@router.post("/{import_id}/retry")
async def retry(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Go on with an import that has failed, behind the last row that was committed."""
    row = await retry_import(session, team_id, parse_id(import_id, "id"))
    answer = go_to(request, f"/imports/{row.id}", "imports.retried")
    await session.commit()
    request.app.state.notifier.notify(row.id)
    return answer


@router.get("/{import_id}/note")
async def ask_for_note(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show the form of an import's note."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    return render(request, NOTE, row=row, note=row.note or "", error=None)


@router.post("/{import_id}/note")
async def write_note(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep, note: Typed = ""
) -> Response:
    """Write an import's note, or take it away."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    try:
        written = read_note(note)
    except ValueError:
        error = view_of(request).texts("forms.too_long", count=MAX_NOTE_CHARACTERS)
        return render(request, NOTE, status_code=422, row=row, note=note, error=error)
    await set_note(session, row, written)
    return go_to(request, f"/imports/{row.id}", "imports.note_saved")
