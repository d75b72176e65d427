"""The import whose failed rows a page is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Request

from rollcall.auth.route import CurrentTeam
from rollcall.errors import ValidationFailed
from rollcall.imports.mending.store import find_mendable
from rollcall.imports.mending.surveys import Surveys
from rollcall.imports.mending.work import Mending, MendingWork, load_mending
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

PREFIX = "/imports/{import_id}/mend"
MAX_COLUMN_DIGITS = 6


async def open_mending(import_id: str, team_id: CurrentTeam, session: SessionDep) -> Mending:
    """Return the import of a page's address, and what was said of its failed rows.

    The connection is not kept while a child reads the file.
    """
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    await session.close()
    return mending


CurrentMending = Annotated[Mending, Depends(open_mending)]
Typed = Annotated[str, Form()]


def address(mending: Mending, below: str = "") -> str:
    """Return the address of a page below the one of an import's failed rows."""
    return f"/imports/{mending.found.id}/mend{below}"


def back_to(mending: Mending, back: str) -> str:
    """Return the address of the page that a form was opened from: one of the same import."""
    return address(mending, back if is_of_grid(back) else "/rows")


def is_of_grid(back: str) -> bool:
    """Tell whether something is where a page of rows is, below the one of the failed rows."""
    return back.startswith("/rows") and back.isprintable()


def work_of(request: Request) -> MendingWork:
    """Return what has the children of this process."""
    work: MendingWork = request.app.state.mending_work
    return work


def surveys_of(request: Request) -> Surveys:
    """Return the surveys that this process makes."""
    surveys: Surveys = request.app.state.mending_surveys
    return surveys


def mapped_column(mending: Mending, text: str, name: str = "column") -> int:
    """Return the index of one of the file's columns, as it was sent.

    Raises:
        ValidationFailed: there is no such column.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_COLUMN_DIGITS
    if not is_number or int(text) >= mending.layout.width:
        raise ValidationFailed(f"Invalid `{name}`: it must be the number of a column of the file.")
    return int(text)
