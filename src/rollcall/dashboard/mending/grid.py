"""The failed rows with their cells, in a grid, edited in place."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr
from starlette.responses import JSONResponse

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.paths import path
from rollcall.dashboard.frame.rendering import render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    address,
    is_of_grid,
    mapped_column,
    work_of,
)
from rollcall.dashboard.mending.wording import column_name, describe_rules
from rollcall.errors import ValidationFailed
from rollcall.imports.issues import FailureCode
from rollcall.imports.mending.checks import problems
from rollcall.imports.mending.paging import FoundRows, Sought, find_rows, read_rows
from rollcall.imports.mending.store import check_cell, edit_cells, find_mendable
from rollcall.imports.mending.work import Mending, load_mending
from rollcall.imports.sentences import explain_failure
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)

PAGE_ROWS = 50
STATES = ("open", "mended", "all")
# Beside the mapped columns, which are all shown; a page would else be as large as a file.
MOST_OTHERS = 40
MAX_ROW_DIGITS = 15


@router.get("/rows")
async def show_rows(  # noqa: PLR0913, PLR0917  (what is looked for)
    request: Request,
    mending: CurrentMending,
    team_id: CurrentTeam,
    state: str = "open",
    code: str = "",
    column: str = "",
    after: str = "",
    before: str = "",
) -> Response:
    """Show failed rows, by state or by what they fail with."""
    if state not in STATES:
        raise ValidationFailed(f"Invalid `state`: it must be one of {', '.join(STATES)}.")
    sought = Sought(
        state=state,
        code=code or None,
        column=mapped_column(mending, column) if column else None,
        after=_row(after, "after"),
        before=_row(before, "before"),
        limit=PAGE_ROWS,
    )
    shown = shown_columns(mending)
    found = await find_rows(work_of(request), mending, sought, shown)
    return render(
        request,
        "mending/grid.html",
        found=mending.found,
        below=address(mending),
        sought=sought,
        states=STATES,
        survey=mending.survey,
        about=_about(mending, sought),
        last_rule=next(iter(describe_rules(mending)), None),
        back=f"/rows?{request.url.query}" if request.url.query else "/rows",
        pages=_pages(request, sought, found),
        **describe(mending, shown, found.rows),
    )


def _row(text: str, name: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_ROW_DIGITS):
        raise ValidationFailed(f"Invalid `{name}`: it must be the number of a row.")
    return int(text)


def _about(mending: Mending, sought: Sought) -> dict[str, str] | None:
    """Return what the rows fail with that are looked for."""
    if sought.code is None:
        return None
    code = sought.code if sought.code in set(FailureCode) else "unknown"
    return {"code": code, "column": column_name(mending, sought.column)}


def shown_columns(mending: Mending) -> list[int]:
    """Return the columns that are shown: the mapped ones, then others."""
    mapped = mending.layout.mapped
    others = [at for at in range(mending.layout.width) if at not in mapped]
    return [*mapped, *others[:MOST_OTHERS]]


def describe(mending: Mending, shown: list[int], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the grid shows of rows.

    A row may have cells beyond the header; each row is filled up to the longest.
    """
    layout = mending.layout
    surplus = sorted({int(at) for row in rows for at in row["cells"] if int(at) >= layout.width})
    columns = [
        {"index": at, "name": layout.names[at], "mapped": at in layout.mapped} for at in shown
    ]
    columns += [{"index": at, "name": None, "mapped": False} for at in surplus]
    return {
        "columns": columns,
        "width": layout.width,
        "hidden": layout.width - len(shown),
        "rows": [_shown(mending, row) for row in rows],
    }


def _shown(mending: Mending, row: dict[str, Any]) -> dict[str, Any]:
    # Through JSON, keys have become texts.
    cells = {int(at): cell for at, cell in row["cells"].items()}
    wrong = {None if at == "null" else int(at): code for at, code in row["problems"].items()}
    failure = row["failure"]
    if failure is not None:
        code = failure["code"] if failure["code"] in set(FailureCode) else "unknown"
        failure = {**failure, "code": code, "name": column_name(mending, failure["column"])}
    return {**row, "cells": cells, "problems": wrong, "failure": failure}


def _pages(request: Request, sought: Sought, found: FoundRows) -> dict[str, str | None]:
    """Return the addresses of the pages before and behind this one."""
    kept = [
        item for item in request.query_params.multi_items() if item[0] not in ("after", "before")
    ]

    def page(**cursor: int | None) -> str | None:
        if None in cursor.values():
            return None
        here = path(request, request.url.path.rpartition("/dashboard")[2])
        return f"{here}?{urlencode([*kept, *cursor.items()])}"

    return {"before": page(before=found.before), "after": page(after=found.after)}


class TypedCell(BaseModel):
    """What was typed into a cell; null takes it back."""

    model_config = ConfigDict(extra="forbid")

    row: StrictInt
    column: StrictInt
    value: StrictStr | None


class TypedCells(BaseModel):
    """What was typed into cells of a page, which is at `back` below the import's failed rows."""

    model_config = ConfigDict(extra="forbid")

    cells: list[TypedCell]
    back: StrictStr = "/rows"


@router.post("/cells")
async def save_cells(
    request: Request, import_id: str, team_id: CurrentTeam, session: SessionDep, typed: TypedCells
) -> Response:
    """Keep what was typed, and answer with the rows as they are now."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    cells = {(cell.row, cell.column): _checked(mending, cell) for cell in typed.cells}
    await edit_cells(session, found, cells)
    await session.commit()
    mending = await load_mending(session, found)
    await session.close()
    shown = shown_columns(mending)
    numbers = sorted({row for row, _ in cells})
    rows = await read_rows(work_of(request), mending, numbers, shown)
    shown_rows = describe(mending, shown, rows)
    return render(
        request,
        "mending/rows.html",
        below=address(mending),
        back=typed.back if is_of_grid(typed.back) else "/rows",
        **shown_rows,
    )


# So many cells may stand beyond the header's last one.
MOST_SURPLUS = 1000


def _checked(mending: Mending, cell: TypedCell) -> str | None:
    if not 0 <= cell.column < mending.layout.width + MOST_SURPLUS:
        raise ValidationFailed("Invalid `column`: the file has no such column.")
    if not 0 < cell.row < 10**MAX_ROW_DIGITS:
        raise ValidationFailed("Invalid `row`: the file has no such row.")
    return None if cell.value is None else check_cell(cell.value)


class TypedRow(BaseModel):
    """A row as it stands in a grid: cells by the index of their column."""

    model_config = ConfigDict(extra="forbid")

    cells: dict[int, StrictStr]


@router.post("/check")
async def check_row(mending: CurrentMending, team_id: CurrentTeam, typed: TypedRow) -> Response:
    """Tell what an import would say of the cells of a row, while one of them is typed into."""
    layout = mending.layout
    width = max([layout.width - 1, *typed.cells]) + 1
    if width > layout.width + MOST_SURPLUS or min(typed.cells, default=0) < 0:
        raise ValidationFailed("Invalid `cells`: the file has no such column.")
    record = layout.record(0, [typed.cells.get(at, "") for at in range(width)])
    named = {target.index: target.column for target in layout.plan.targets}
    added = layout.plan.width - layout.width
    said: dict[int, str] = {}
    for problem in problems(layout.plan, record):
        at = problem.column or 0
        index = at if at < layout.width else at - added
        message = explain_failure(problem.code, named.get(at), record[at])
        said.setdefault(index, message)
    return JSONResponse({"problems": said}, headers={"cache-control": "no-store"})
