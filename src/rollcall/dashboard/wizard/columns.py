"""The columns of a draft: what each becomes, and how the file is read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.open_forms import OpenForm, Sent
from rollcall.dashboard.frame.rendering import go_to, is_script, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.wizard.drafts import CurrentDraft, LockedDraft, Means, draft_path, say
from rollcall.dashboard.wizard.file_settings import READERS, file_settings, read_settings
from rollcall.dashboard.wizard.saying import ColumnForm, choice_of, find_column
from rollcall.imports.drafts.changing import change_file
from rollcall.imports.drafts.choices import Choices, Step
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import DraftTable, read_draft
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

PAGE, PART = "wizard/columns.html", "wizard/columns_part.html"
router = dashboard_router("/drafts/{draft_id}")
ColumnTyped = Annotated[
    Sent,
    Depends(OpenForm("name", "changed", "to", "key", "type", "comma", "mode", "more", "words")),
]
FileTyped = Annotated[Sent, Depends(OpenForm(*READERS))]


@router.get("/columns")
async def show_columns(
    request: Request, draft: CurrentDraft, session: SessionDep, means: Means, tried: bool = False
) -> Response:
    """Show what was suggested for each column, and what was said of it.

    Who has `tried` to go on is told that something has to be mended first.
    """
    if draft.import_id is not None:
        return go_to(request, f"/imports/{draft.import_id}")
    return _show(request, draft, await read_draft(session, means, draft), has_tried=tried)


@router.post("/columns")
async def accept_columns(
    request: Request, draft: LockedDraft, session: SessionDep, means: Means
) -> Response:
    """Go on to the options, unless something has to be mended first."""
    table = await read_draft(session, means, draft)
    if table.columns.stops:
        # Another page, so that loading it again does not mean to go on again.
        return go_to(request, draft_path(draft.id, "/columns?tried=true"))
    step = max(table.choices.step, Step.OPTIONS, key=list(Step).index)
    await say(session, draft, lambda choices: choices.model_copy(update={"step": step}))
    return go_to(request, draft_path(draft.id, "/options"))


@router.post("/columns/{index}")
async def say_of_column(
    request: Request,
    index: int,
    typed: ColumnTyped,
    draft: LockedDraft,
    session: SessionDep,
    means: Means,
) -> Response:
    """Keep what is said of one column; what follows from it for the others is shown at once."""
    table = await read_draft(session, means, draft)
    column = find_column(table, index, typed.get("name", ""))
    choice = choice_of(table, column, ColumnForm(dict(typed), typed.getlist("words")))

    def change(choices: Choices) -> Choices:
        return choices.silent_about(column.name) if choice is None else choices.saying(choice)

    await say(session, draft, change)
    return _answer(request, draft, await read_draft(session, means, draft))


@router.post("/file")
async def say_of_file(
    request: Request,
    draft_id: str,
    typed: FileTyped,
    team_id: CurrentTeam,
    session: SessionDep,
    means: Means,
) -> Response:
    """Have the file read in another way; what was said of its columns stays."""
    said = read_settings(typed)
    id_ = parse_id(draft_id, "id")
    table = await change_file(session, means, team_id, id_, said)
    draft = await session.get_one(ContactImportDraft, (team_id, id_))
    return _answer(request, draft, table)


def _answer(request: Request, draft: ContactImportDraft, table: DraftTable) -> Response:
    if not is_script(request):
        return go_to(request, draft_path(draft.id, "/columns"))
    return _show(request, draft, table, template=PART)


def _show(
    request: Request,
    draft: ContactImportDraft,
    table: DraftTable,
    *,
    template: str = PAGE,
    has_tried: bool = False,
) -> Response:
    context: dict[str, Any] = {
        "draft": draft,
        "table": table,
        "columns": table.columns,
        "file": file_settings(draft, table),
        "has_tried": has_tried,
    }
    return render(request, template, **context)
