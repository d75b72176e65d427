"""What would happen is seen, and then it happens."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.wizard.drafts import CurrentDraft, LockedDraft, Means, draft_path, say
from rollcall.dashboard.wizard.lists import read_lists
from rollcall.dashboard.wizard.report import read_report
from rollcall.imports.drafts.choices import Choices, Step
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import DraftTable, read_draft
from rollcall.imports.drafts.starting import fingerprint, start_check, start_import
from rollcall.web.session import SessionDep

PAGE, PART = "wizard/check.html", "wizard/report_part.html"
router = dashboard_router("/drafts/{draft_id}")


@router.get("/check")
async def show_check(
    request: Request, draft: CurrentDraft, session: SessionDep, means: Means
) -> Response:
    """Show what an import would do, as far as that is known."""
    if draft.import_id is not None:
        return go_to(request, f"/imports/{draft.import_id}")
    table = await read_draft(session, means, draft)
    if table.columns.stops:
        return go_to(request, draft_path(draft.id, "/columns"))
    return render(request, PAGE, **await _context(session, draft, table))


@router.get("/check/report")
async def show_report(
    request: Request, draft: CurrentDraft, session: SessionDep, means: Means
) -> Response:
    """Show the report alone, which a script asks for while it is made."""
    table = await read_draft(session, means, draft)
    return render(request, PART, **await _context(session, draft, table))


@router.post("/check")
async def check_again(
    request: Request, draft: LockedDraft, session: SessionDep, means: Means
) -> Response:
    """Have it found out what an import would do, under what is said by now."""
    await say(session, draft, lambda choices: choices.model_copy(update={"step": Step.CHECK}))
    import_id, is_new = await start_check(session, draft, await read_draft(session, means, draft))
    await session.commit()
    if is_new:
        request.app.state.notifier.notify(import_id)
    return go_to(request, draft_path(draft.id, "/check"))


@router.post("/start")
async def start(
    request: Request, draft: LockedDraft, session: SessionDep, means: Means
) -> Response:
    """Import the file; asked a second time, show the import that there is."""
    if draft.import_id is not None:
        return go_to(request, f"/imports/{draft.import_id}")
    table = await read_draft(session, means, draft)
    import_id, _ = await start_import(session, draft, table)
    await session.commit()
    request.app.state.notifier.notify(import_id)
    return go_to(request, f"/imports/{import_id}")


async def _context(
    session: SessionDep, draft: ContactImportDraft, table: DraftTable
) -> dict[str, Any]:
    choices = Choices.model_validate(draft.choices)
    is_current = not table.columns.stops and draft.checked == fingerprint(draft, table)
    report = None
    if draft.check_id is not None and is_current:
        report = await read_report(session, draft.team_id, draft.check_id)
    names = (await read_lists(session, draft.team_id, choices)).names()
    return {"draft": draft, "report": report, "choices": choices, "names": names}
