"""Find and replace in a column: counted first, and taken back like every rule."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.mending.opening import (
    PREFIX,
    CurrentMending,
    Typed,
    address,
    back_to,
    mapped_column,
    work_of,
)
from rollcall.imports.mending.rules import Rule, RuleKind
from rollcall.imports.mending.store import add_rule, check_cell, find_mendable
from rollcall.imports.mending.work import Mending, load_mending
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router(PREFIX)
TEMPLATE = "mending/replace.html"


@router.get("/replace")
async def ask_what_to_replace(
    request: Request,
    mending: CurrentMending,
    team_id: CurrentTeam,
    column: str = "",
    back: str = "/rows",
) -> Response:
    """Show the form."""
    index = mapped_column(mending, column) if column else mending.layout.mapped[0]
    nothing = {"find": "", "replacement": "", "whole": False, "case": False}
    rule = Rule(kind=RuleKind.REPLACE, column=index, settings=nothing)
    return render(request, TEMPLATE, **_shown(mending, rule, back))


def _shown(
    mending: Mending, rule: Rule, back: str, tried: dict[str, Any] | None = None
) -> dict[str, Any]:
    layout = mending.layout
    mapped = layout.mapped
    others = [at for at in range(layout.width) if at not in mapped]
    return {
        "below": address(mending),
        "rule": rule,
        "columns": [(at, layout.names[at]) for at in [*mapped, *others]],
        "back": back,
        "tried": tried,
    }


@router.post("/replace")
async def replace(  # noqa: PLR0913, PLR0917  (the fields of its form)
    request: Request,
    import_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    column: Typed = "",
    find: Typed = "",
    replacement: Typed = "",
    whole: Typed = "",
    case: Typed = "",
    back: Typed = "/rows",
    do: Typed = "count",
) -> Response:
    """Count what would be replaced, or have it replaced from now on."""
    found = await find_mendable(session, team_id, parse_id(import_id, "id"))
    mending = await load_mending(session, found)
    settings = {
        "find": check_cell(find),
        "replacement": check_cell(replacement),
        "whole": bool(whole),
        "case": bool(case),
    }
    index = mapped_column(mending, column)
    rule = Rule(kind=RuleKind.REPLACE, column=index, settings=settings)
    if do == "apply":
        await add_rule(session, found, rule)
        return go_to(request, back_to(mending, back), "mending.replaced")
    await session.close()
    tried = await work_of(request).ask(mending, {"job": "try", "rule": rule.as_json()})
    return render(request, TEMPLATE, **_shown(mending, rule, back, tried))
