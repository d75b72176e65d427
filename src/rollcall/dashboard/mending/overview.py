"""What failed and what would mend it; rules are added and taken back."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, is_script, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    Typed,
    address,
    is_of_grid,
    mapped_column,
    surveys_of,
)
from rollcall.dashboard.mending.wording import count_groups, describe_rules, gone_into
from rollcall.errors import ValidationFailed
from rollcall.imports.mending.rules import Rule, RuleKind
from rollcall.imports.mending.store import add_rule, find_mendable, take_rule_back
from rollcall.imports.mending.work import Mending, load_mending
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)

# So long a page is kept waiting for a survey; then it is shown without, and asks again.
FIRST_SECONDS, NEXT_SECONDS = 2.5, 10.0
# What has settings is made on pages of its own.
WITH_SETTINGS = {RuleKind.REPLACE, RuleKind.VALUES}
OF_RECORDS = {RuleKind.JOIN_BLANKS, RuleKind.DROP_SURPLUS, RuleKind.DROP_QUOTE}


@router.get("")
async def show_overview(
    request: Request, mending: CurrentMending, team_id: CurrentTeam
) -> Response:
    """Show how many rows are mended, what the others fail with, and what would mend them."""
    seconds = NEXT_SECONDS if is_script(request) else FIRST_SECONDS
    survey = await surveys_of(request).get(mending, seconds)
    template = "mending/survey.html" if is_script(request) else "mending/overview.html"
    return render(request, template, **describe(request, mending, survey))


def describe(request: Request, mending: Mending, survey: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the overview shows."""
    left = mending.found.failed - mending.gone_count
    return {
        "found": mending.found,
        "survey": survey,
        "looked_at": surveys_of(request).progress(mending),
        "left": left,
        "gone": mending.gone_count,
        "went": gone_into(mending),
        "groups": count_groups(mending, survey) if survey else [],
        "rules": describe_rules(mending),
        "edits": mending.mend.edits,
        "changes": mending.mend.changes,
        "below": address(mending),
    }


@router.post("/rules")
async def apply_rule(  # noqa: PLR0913, PLR0917  (the fields of its form)
    request: Request,
    import_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    kind: Typed = "",
    column: Typed = "",
    settings: Typed = "{}",
) -> Response:
    """Apply a rule to all rows that are left."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    await add_rule(session, found, read_rule(mending, kind, column, settings))
    return go_to(request, address(mending), "mending.applied")


def read_rule(mending: Mending, kind: str, column: str, settings: str) -> Rule:
    """Return a rule as a form has it.

    Raises:
        ValidationFailed: there is none like that.
    """
    if kind not in set(RuleKind) - WITH_SETTINGS:
        raise ValidationFailed("Invalid `kind`: there is no such rule.")
    if RuleKind(kind) in OF_RECORDS:
        return Rule(kind=RuleKind(kind))
    number = mapped_column(mending, column)
    if RuleKind(kind) is not RuleKind.ADDRESS_FROM:
        return Rule(kind=RuleKind(kind), column=number)
    try:
        other = str(json.loads(settings)["other"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValidationFailed("Invalid `settings`: it must name the other column.") from None
    return Rule(
        kind=RuleKind(kind),
        column=number,
        settings={"other": mapped_column(mending, other, "settings.other")},
    )


@router.post("/rules/{rule_id}/undo")
async def undo_rule(
    request: Request,
    import_id: str,
    rule_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    back: Typed = "",
) -> Response:
    """Take a rule back; what came after it stays."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    number = int(rule_id) if rule_id.isascii() and rule_id.isdigit() and len(rule_id) < 18 else 0
    await take_rule_back(session, found, number)
    here = f"/imports/{found.id}/mend"
    return go_to(request, here + back if is_of_grid(back) else here, "mending.taken_back")
