"""One failed row as a form: for narrow screens, and without any script."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.open_forms import OpenForm, Sent
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.mending.grid import MAX_ROW_DIGITS, describe, shown_columns
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    address,
    back_to,
    work_of,
)
from rollcall.errors import NotFound
from rollcall.imports.mending.paging import read_rows
from rollcall.imports.mending.store import check_cell, edit_cells, find_mendable
from rollcall.imports.mending.work import Mending, load_mending
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)
CELL = "cell-"
Cells = Annotated[Sent, Depends(OpenForm("back", f"{CELL}*"))]


class RowNotFound(NotFound):
    """No row with this number is left to be mended."""


@router.get("/rows/{row}")
async def show_row(
    request: Request,
    mending: CurrentMending,
    team_id: CurrentTeam,
    row: str,
    back: str = "/rows",
) -> Response:
    """Show a row as a form."""
    shown, found = await _find(request, mending, row)
    return render(
        request,
        "mending/row_form.html",
        below=address(mending),
        back=back,
        **describe(mending, shown, [found]),
    )


async def _find(request: Request, mending: Mending, row: str) -> tuple[list[int], dict[str, Any]]:
    if not (row.isascii() and row.isdigit() and len(row) <= MAX_ROW_DIGITS):
        raise RowNotFound
    shown = shown_columns(mending)
    rows = await read_rows(work_of(request), mending, [int(row)], shown)
    if not rows:
        raise RowNotFound
    return shown, rows[0]


@router.post("/rows/{row}")
async def save_row(
    request: Request,
    import_id: str,
    row: str,
    form: Cells,
    team_id: CurrentTeam,
    session: SessionDep,
) -> Response:
    """Keep what was changed in a row."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    _, before = await _find(request, mending, row)
    cells = {int(at): cell["text"] for at, cell in before["cells"].items() if "length" not in cell}
    typed: dict[tuple[int, int], str | None] = {
        (before["row"], at): check_cell(value)
        for at, text in cells.items()
        if _as_sent(value := form.get(f"{CELL}{at}", text)) != _as_sent(text)
    }
    if typed:
        await edit_cells(session, found, typed)
    return go_to(request, back_to(mending, form.get("back", "/rows")))


def _as_sent(text: str) -> str:
    """Return a text as browsers send it, whose lines end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
