"""The values of a column that do not fit it, one line each: a choice mends all rows with it."""

from __future__ import annotations

import json
from typing import Annotated, Any, NamedTuple

from fastapi import Form, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.frame.view import view_of
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    address,
    mapped_column,
    work_of,
)
from rollcall.dashboard.mending.wording import column_name
from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import COMMA
from rollcall.imports.mapping.plan import Target
from rollcall.imports.mending.checks import fits, read_cell
from rollcall.imports.mending.numbers_within import decimal_comma, number_within
from rollcall.imports.mending.rules import Rule, RuleKind
from rollcall.imports.mending.store import add_rule, check_cell, find_mendable
from rollcall.imports.mending.words_within import said_by
from rollcall.imports.mending.work import Mending, load_mending
from rollcall.properties.values import PropertyType
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)
Several = Annotated[list[str], Form()]

# More rows a file cannot have.
MOST_ROWS = 10**12
LEAVE, REPLACE, EMPTY = "leave", "replace", "empty"
NUMBER_CHOICES = (LEAVE, REPLACE, EMPTY)
BOOLEAN_CHOICES = (LEAVE, "true", "false", EMPTY)


class Line(NamedTuple):
    """A value, the number of its rows, what becomes of it, and what takes its place."""

    value: str
    times: int
    choice: str
    replacement: str


@router.get("/values/{column}")
async def show_values(
    request: Request, mending: CurrentMending, team_id: CurrentTeam, column: str
) -> Response:
    """Show the values of a column that do not fit it, the most frequent first."""
    index = mapped_column(mending, column)
    found = await work_of(request).ask(mending, {"job": "values", "column": index})
    targets = _targets(mending, index)
    lines = [_proposed(targets, value, times) for value, times in found["values"]]
    return render(request, "mending/values.html", **_shown(mending, index, lines, found))


def _targets(mending: Mending, index: int) -> list[Target]:
    return [target for target in mending.layout.plan.targets if target.index == index]


def _shown(
    mending: Mending, index: int, lines: list[Line], found: dict[str, Any]
) -> dict[str, Any]:
    targets = _targets(mending, index)
    return {
        "found": mending.found,
        "below": address(mending),
        "column": index,
        "name": column_name(mending, index),
        "values": lines,
        "choices": _choices(targets),
        "wanted": _wanted(targets),
        "rows": found["rows"],
        "distinct": found["distinct"],
        "others": found["others"],
        "errors": found.get("errors", {}),
    }


def _is_number(targets: list[Target]) -> bool:
    return any(target.type is PropertyType.NUMBER for target in targets)


def _choices(targets: list[Target]) -> tuple[str, ...]:
    return NUMBER_CHOICES if _is_number(targets) else BOOLEAN_CHOICES


def _wanted(targets: list[Target]) -> str:
    if not _is_number(targets):
        is_consent = any(target.field == "unsubscribed" for target in targets)
        return "unsubscribed" if is_consent else "boolean"
    return "comma" if any(target.decimal == COMMA for target in targets) else "point"


def _proposed(targets: list[Target], value: str, times: int) -> Line:
    """Return a value with what it seems to mean; of numbers nothing is chosen beforehand."""
    if not _is_number(targets):
        word = said_by(targets)(value)
        return Line(value, times, word or LEAVE, "")
    tried = (number_within(value), decimal_comma(value))
    fitting = (each for each in tried if each and all(fits(t, read_cell(each)) for t in targets))
    return Line(value, times, LEAVE, next(fitting, ""))


@router.post("/values/{column}")
async def apply_values(  # noqa: PLR0913, PLR0917  (the fields of its form)
    request: Request,
    import_id: str,
    column: str,
    team_id: CurrentTeam,
    session: SessionDep,
    value: Several = [],  # noqa: B006  (the framework copies it)
    choice: Several = [],  # noqa: B006
    replacement: Several = [],  # noqa: B006
) -> Response:
    """Make a rule of what was chosen for the values of a column."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    index = mapped_column(mending, column)
    lines = _read_lines(value, choice, replacement)
    errors = _find_errors(request, _targets(mending, index), lines)
    if errors:
        counts = {"rows": sum(line.times for line in lines), "distinct": len(lines), "others": 0}
        shown = _shown(mending, index, lines, {**counts, "errors": errors})
        return render(request, "mending/values.html", status_code=422, **shown)
    values = {line.value: _becomes(line) for line in lines if line.choice != LEAVE}
    if not values:
        return go_to(request, address(mending), "mending.nothing_chosen")
    rule = Rule(kind=RuleKind.VALUES, column=index, settings={"values": values})
    await add_rule(session, found, rule)
    return go_to(request, address(mending), "mending.values_applied", count=len(values))


def _read_lines(values: list[str], choices: list[str], replacements: list[str]) -> list[Line]:
    replacements = replacements or [""] * len(values)
    if not len(values) == len(choices) == len(replacements):
        raise ValidationFailed("Invalid `choice`: there must be one for each `value`.")
    lines = []
    for sent, choice, replacement in zip(values, choices, replacements, strict=True):
        value, times = _read_value(sent)
        if choice not in {*NUMBER_CHOICES, *BOOLEAN_CHOICES}:
            raise ValidationFailed("Invalid `choice`: there is no such choice.")
        lines.append(Line(value, times, choice, check_cell(replacement)))
    return lines


def _read_value(sent: str) -> tuple[str, int]:
    """Return a value and the number of its rows, which go through the form as JSON."""
    try:
        value, times = json.loads(sent)
    except (ValueError, TypeError, RecursionError):
        raise ValidationFailed("Invalid `value`: it must be one of the page.") from None
    if not isinstance(value, str) or not isinstance(times, int) or not 0 < times <= MOST_ROWS:
        raise ValidationFailed("Invalid `value`: it must be one of the page.")
    return check_cell(value), times


def _becomes(line: Line) -> str:
    return {REPLACE: line.replacement, EMPTY: ""}.get(line.choice, line.choice)


def _find_errors(request: Request, targets: list[Target], lines: list[Line]) -> dict[int, str]:
    texts = view_of(request).texts
    return {
        at: texts(f"mending.wanted.{_wanted(targets)}")
        for at, line in enumerate(lines)
        if line.choice != LEAVE
        and not all(fits(target, read_cell(_becomes(line))) for target in targets)
    }
