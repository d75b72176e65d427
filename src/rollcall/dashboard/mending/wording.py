"""What pages say of failures, rules and columns: keys of texts, with their values."""

from __future__ import annotations

import json
from typing import Any

from rollcall.imports.issues import FailureCode, shorten
from rollcall.imports.mending.rules import RuleKind
from rollcall.imports.mending.work import Mending

MAX_NAME_CHARACTERS = 60
# Of columns with these failures, values are looked through one by one.
WITH_VALUES = (FailureCode.INVALID_BOOLEAN, FailureCode.INVALID_NUMBER)
KNOWN = set(FailureCode)


def column_name(mending: Mending, index: int | None) -> str:
    """Return the name of a column, short enough for a sentence."""
    if index is None or index >= mending.layout.width:
        return ""
    return shorten(mending.layout.names[index], MAX_NAME_CHARACTERS)


def count_groups(mending: Mending, survey: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of failures, the largest first."""
    groups = [
        {
            "code": group["code"] if group["code"] in KNOWN else "unknown",
            "column": group["column"],
            "name": column_name(mending, group["column"]),
            "count": group["count"],
            "examples": group["examples"],
            "proposals": [_proposal(mending, each) for each in group["proposals"]],
            "query": _query(group),
            "values": group["code"] in WITH_VALUES and group["column"] is not None,
        }
        for group in survey["groups"]
    ]
    return sorted(groups, key=lambda group: -int(group["count"]))


def _query(group: dict[str, Any]) -> str:
    column = "" if group["column"] is None else f"&column={group['column']}"
    return f"?code={group['code']}{column}"


def _proposal(mending: Mending, proposal: dict[str, Any]) -> dict[str, Any]:
    rule = proposal["rule"]
    return {
        **proposal,
        **name_rule(mending, rule),
        "kind": rule["kind"],
        "column": rule["column"],
        "settings": json.dumps(rule["settings"]),
    }


def describe_rules(mending: Mending) -> list[dict[str, Any]]:
    """Return the rules that apply, the last one first."""
    rules = [
        {"id": rule["id"], "kind": rule["kind"], **name_rule(mending, rule)}
        for rule in mending.mend.rules
    ]
    return rules[::-1]


def name_rule(mending: Mending, rule: dict[str, Any]) -> dict[str, Any]:
    """Return the key of what a rule does, and the values of that text."""
    settings = rule["settings"]
    values: dict[str, Any] = {"column": column_name(mending, rule["column"])}
    if rule["kind"] == RuleKind.ADDRESS_FROM:
        values["other"] = column_name(mending, settings["other"])
    if rule["kind"] == RuleKind.VALUES:
        values["count"] = len(settings["values"])
    if rule["kind"] == RuleKind.REPLACE:
        values["find"] = shorten(settings["find"], MAX_NAME_CHARACTERS)
        values["replacement"] = shorten(settings["replacement"], MAX_NAME_CHARACTERS)
    return {"text": f"mending.rules.{rule['kind']}", "values": values}


def gone_into(mending: Mending) -> list[dict[str, Any]]:
    """Return the imports into which rows went, the last one first."""
    return [{"id": each.into, "count": each.count} for each in reversed(mending.went)]
