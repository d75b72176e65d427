"""Finding the draft of a page, and changing it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from rollcall.auth.route import CurrentTeam
from rollcall.imports.drafts.choices import Choices
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.queries import change_choices, find_draft, lock_draft
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id


def draft_means(request: Request) -> DraftMeans:
    """Return what drafts are made with."""
    state = request.app.state
    return DraftMeans(
        storage=state.storage,
        guard=state.storage_guard,
        # Somebody looks at a draft and waits, which an import of a large workbook must not prolong.
        converter=state.preview_converter,
        model=state.language_model,
        max_bytes=state.settings.max_upload_bytes,
    )


Means = Annotated[DraftMeans, Depends(draft_means)]


async def current_draft(
    draft_id: str, team_id: CurrentTeam, session: SessionDep
) -> ContactImportDraft:
    """Return the draft of a page that only shows it."""
    return await find_draft(session, team_id, parse_id(draft_id, "id"))


async def locked_draft(
    draft_id: str, team_id: CurrentTeam, session: SessionDep
) -> ContactImportDraft:
    """Return the draft of a form, which nobody else changes meanwhile."""
    return await lock_draft(session, team_id, parse_id(draft_id, "id"))


CurrentDraft = Annotated[ContactImportDraft, Depends(current_draft)]
LockedDraft = Annotated[ContactImportDraft, Depends(locked_draft)]


async def say(
    session: SessionDep, draft: ContactImportDraft, change: Callable[[Choices], Choices]
) -> None:
    """Change what was said of a locked draft, without a commit."""
    await change_choices(session, draft, change(Choices.model_validate(draft.choices)))


def draft_path(draft_id: uuid.UUID, below: str = "") -> str:
    """Return the page of a draft, below the dashboard."""
    return f"/drafts/{draft_id}{below}"
