"""A file is dropped or chosen; uploads that wait are offered again, or thrown away."""

from __future__ import annotations

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import CurrentSession, dashboard_router
from rollcall.dashboard.wizard.drafts import CurrentDraft, LockedDraft, Means, draft_path
from rollcall.imports.drafts.changing import keep_proposals
from rollcall.imports.drafts.choices import Choices
from rollcall.imports.drafts.queries import delete_draft, open_drafts
from rollcall.imports.drafts.reading import read_draft
from rollcall.imports.drafts.receive import add_draft, receive_draft
from rollcall.web.bodies import streams_its_body
from rollcall.web.session import SessionDep

NEW = "/imports/new"
router = dashboard_router()


@router.get(NEW)
async def ask_for_file(
    request: Request, team_id: CurrentTeam, session: SessionDep, means: Means
) -> Response:
    """Show where a file is dropped, and what waits to be gone on with."""
    drafts = await open_drafts(session, team_id)
    return render(request, "wizard/new.html", drafts=drafts, max_bytes=means.max_bytes)


@router.post(NEW)
@streams_its_body
async def take_file(
    request: Request, signed_in: CurrentSession, session: SessionDep, means: Means
) -> Response:
    """Store a file, and go on to its columns."""
    team_id = signed_in.team_id
    async with receive_draft(request, team_id, means) as file:
        draft = await add_draft(session, team_id, file, api_key_id=signed_in.api_key_id)
        # What is no table is refused at once.
        await read_draft(session, means, draft)
        draft_id = draft.id
    await session.commit()
    await keep_proposals(session, means, team_id, draft_id)
    return go_to(request, draft_path(draft_id, "/columns"))


@router.get("/drafts/{draft_id}")
async def go_on(request: Request, draft: CurrentDraft) -> Response:
    """Go to where somebody has come with a draft."""
    if draft.import_id is not None:
        return go_to(request, f"/imports/{draft.import_id}")
    step = Choices.model_validate(draft.choices).step
    return go_to(request, draft_path(draft.id, f"/{step}"))


@router.get("/drafts/{draft_id}/discard")
async def ask_before_discarding(request: Request, draft: CurrentDraft) -> Response:
    """Ask whether an upload is to be thrown away."""
    return render(request, "wizard/discard.html", draft=draft)


@router.post("/drafts/{draft_id}/discard")
async def discard(
    request: Request, draft: LockedDraft, session: SessionDep, means: Means
) -> Response:
    """Throw an upload away, with its files."""
    unused = await delete_draft(session, draft)
    await session.commit()
    await means.delete(unused)
    return go_to(request, NEW, "wizard.discarded")
