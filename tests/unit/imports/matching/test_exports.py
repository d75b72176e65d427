"""Header rows of many products, as they export them, with a few records and the right answers.

`exports/*.toml` has them: for each the column of every field, whether the one of `unsubscribed`
says that a person *is* subscribed, and the types of some properties. `…_or` are answers that are as
good. None of it is to be matched by a rule for one product: what is wrong here shows a kind that is
missing.
"""

from __future__ import annotations

import csv
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Suggestion, Suggestions, Target
from rollcall.properties.values import is_key

EXPORTS = {
    export["id"]: export
    for path in sorted((Path(__file__).parent / "exports").glob("*.toml"))
    for export in tomllib.loads(path.read_text(encoding="utf-8"))["file"]
}
NAMES = ("first_name", "last_name", "full_name")


def records_of(export: dict[str, Any]) -> list[list[str]]:
    text: str = export["table"]
    return list(csv.reader(text.splitlines(), delimiter=max(",;", key=text.count)))


@cache
def matched(export_id: str) -> Suggestions:
    return suggest(records_of(EXPORTS[export_id]))


def sure(export_id: str) -> dict[str, Suggestion]:
    """Return what is certain or likely, by the name of its column."""
    columns = matched(export_id).columns
    return {c.name: c.suggestion for c in columns if c.suggestion and c.suggestion.is_taken}


def taken(export_id: str, target: str) -> str | None:
    found = [name for name, said in sure(export_id).items() if said.target == target]
    assert len(found) < 2
    return found[0] if found else None


def accepted(export: dict[str, Any], field: str) -> list[str | None]:
    return [export.get(field), *(name or None for name in export.get(f"{field}_or", []))]


@pytest.mark.parametrize("export_id", EXPORTS)
def test_the_contacts_own_address_is_found(export_id: str) -> None:
    assert taken(export_id, "email") in accepted(EXPORTS[export_id], "email")


@pytest.mark.parametrize("export_id", EXPORTS)
def test_names_are_found(export_id: str) -> None:
    for field in NAMES:
        assert taken(export_id, field) in accepted(EXPORTS[export_id], field)


@pytest.mark.parametrize("export_id", EXPORTS)
def test_who_has_unsubscribed_is_found_and_whether_it_says_who_has_not(export_id: str) -> None:
    export = EXPORTS[export_id]
    column = taken(export_id, "unsubscribed")
    assert column in accepted(export, "unsubscribed")
    if column is not None and column == export["unsubscribed"]:
        said = sure(export_id)[column]
        assert said.inverted is export.get("inverted", False)
        assert said.true_when is not None or not said.inverted


@pytest.mark.parametrize("export_id", EXPORTS)
def test_new_properties_are_of_the_right_type(export_id: str) -> None:
    properties = {
        column.name: column.suggestion.type
        for column in matched(export_id).columns
        if column.suggestion and column.suggestion.target is Target.PROPERTY
    }
    expected = EXPORTS[export_id]["types"]
    assert {name: properties.get(name) for name in expected} == expected


@pytest.mark.parametrize("export_id", EXPORTS)
def test_every_key_is_a_key_and_stands_for_one_column(export_id: str) -> None:
    keys = [c.suggestion.key for c in matched(export_id).columns if c.suggestion]
    properties = [key for key in keys if key is not None]
    assert all(map(is_key, properties))
    assert len(set(properties)) == len(properties)


@pytest.mark.parametrize("export_id", EXPORTS)
def test_what_is_written_as_a_column_map_is_one(export_id: str) -> None:
    mapped = matched(export_id).column_map()
    columns = {c.name for c in matched(export_id).columns}
    if "email" in mapped:
        assert set(ColumnMap.model_validate_json(json.dumps(mapped)).columns()) <= columns
