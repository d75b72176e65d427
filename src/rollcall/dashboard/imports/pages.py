"""The list of imports."""

from __future__ import annotations

from contextlib import suppress

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.pager import pager_of
from rollcall.dashboard.frame.rendering import render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.imports.wording import UNFINISHED
from rollcall.imports import queries
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.schemas import list_import
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep

router = dashboard_router("/imports")


@router.get("")
async def list_imports(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    status: str = "",
) -> Response:
    """Show imports, newest first: all, or those of one status."""
    wanted = None
    with suppress(ValueError):
        wanted = ImportStatus(status)
    rows, has_more = await queries.list_imports(session, team_id, page, wanted)
    imports = [(list_import(row), row.filename) for row in rows]
    return render(
        request,
        "imports/list.html",
        imports=imports,
        pager=pager_of(request, page, rows, has_more),
        statuses=list(ImportStatus),
        wanted=wanted,
        is_live=any(shown.status in UNFINISHED for shown, _ in imports),
    )
