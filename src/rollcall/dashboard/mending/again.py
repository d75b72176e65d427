"""Mended rows are imported again; those that are left are downloaded, and come back corrected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    Typed,
    address,
    surveys_of,
    work_of,
)
from rollcall.database.deadlines import no_database_budget
from rollcall.errors import ValidationFailed
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.failures.file import content_disposition
from rollcall.imports.intake.accept import StartedBy
from rollcall.imports.mending.again import ChangedMeanwhile, import_again, into_after
from rollcall.imports.mending.store import find_mendable
from rollcall.imports.mending.upload import take_corrected_file
from rollcall.imports.mending.work import Mending, MendingWork, load_mending
from rollcall.web.bodies import streams_its_body
from rollcall.web.csv_response import CsvResponse
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)
SURVEY_SECONDS = 60.0


@router.get("/again")
async def ask_before_importing_again(
    request: Request, mending: CurrentMending, team_id: CurrentTeam
) -> Response:
    """Tell how many rows go and how many stay."""
    survey = await surveys_of(request).get(mending, SURVEY_SECONDS)
    if survey is None or not survey["mended"]:
        return go_to(request, address(mending), "mending.nothing_mended")
    return render(
        request,
        "mending/again.html",
        below=address(mending),
        survey=survey,
        changes=mending.mend.changes,
    )


@router.post("/again")
async def import_mended_rows(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep, changes: Typed = ""
) -> Response:
    """Import the mended rows again; of two clicks, one does."""
    if not (changes.isascii() and changes.isdigit() and len(changes) < 18):
        raise ValidationFailed("Invalid `changes`: it must be the number that the form has.")
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    if mending.mend.changes != int(changes):
        into = await into_after(session, found, int(changes))
        if into is None:
            raise ChangedMeanwhile
        return go_to(request, f"/imports/{into}")
    # Nothing is read here that another request could have written meanwhile.
    await session.close()
    state = request.app.state
    await state.storage_guard.require()
    by = StartedBy(
        team_id=team_id, api_key_id=request.state.api_key_id, mended_from=mending.found.id
    )
    with no_database_budget():
        into, is_new = await import_again(session, work_of(request), state.storage, mending, by)
    if is_new:
        state.notifier.notify(into)
    return go_to(request, f"/imports/{into}", "mending.imported_again")


@router.get("/failed.csv")
async def download_failed_rows(
    request: Request, mending: CurrentMending, team_id: CurrentTeam
) -> Response:
    """Download the rows that fail still, as they are now, with the reasons."""
    return CsvResponse(
        _blocks(work_of(request), mending),
        headers={
            "content-disposition": content_disposition(mending.found.filename),
            "cache-control": "no-store",
        },
    )


async def _blocks(work: MendingWork, mending: Mending) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(work.write(mending, "open")) as answers:
        async for answer in answers:
            if answer.data:
                yield answer.data


@router.post("/upload")
@streams_its_body
async def upload_corrected_file(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Take in the failed rows as somebody has corrected them in a spreadsheet."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    await session.close()
    state = request.app.state
    means = DraftMeans(
        storage=state.storage,
        guard=state.storage_guard,
        converter=state.converter,
        model=None,
        max_bytes=state.settings.max_upload_bytes,
    )
    by = StartedBy(team_id=team_id, api_key_id=request.state.api_key_id, mended_from=found.id)
    with no_database_budget():
        id_, is_started = await take_corrected_file(
            request, session, work_of(request), means, mending, by
        )
    if not is_started:
        return go_to(request, f"/drafts/{id_}/columns", "mending.uploaded_draft")
    state.notifier.notify(id_)
    return go_to(request, f"/imports/{id_}", "mending.uploaded")
