"""Rows of an import as files: those that failed, and those that were created or updated."""

from __future__ import annotations

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.imports.failures.download import download_rows, require_problems
from rollcall.imports.failures.file import FAILED
from rollcall.imports.outcomes.rows import CREATED, UPDATED, require_rows
from rollcall.imports.queries import find_import
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router("/imports")
FILES = {"failures": FAILED, "created": CREATED, "updated": UPDATED}


async def _download(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Send the rows that the end of the address names."""
    wanted = FILES[request.url.path.rpartition("/")[2].removesuffix(".csv")]
    found = await find_import(session, team_id, parse_id(import_id, "id"))
    if wanted is FAILED:
        require_problems(found)
    else:
        await require_rows(session, found)
    # However long the storage takes, other requests have the connection meanwhile.
    await session.close()
    return await download_rows(request.app.state, found, wanted)


for _name in FILES:
    router.add_api_route(f"/{{import_id}}/{_name}.csv", _download, methods=["GET"])
