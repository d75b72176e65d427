"""What a column map may be, and which columns it names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from rollcall.imports.column_map import (
    MAX_PROPERTIES,
    MAX_TARGETS_OF_COLUMN,
    ColumnMap,
)
from tests.support.documents import read_blocks


def properties(count: int, column: str = "c{}") -> dict[str, Any]:
    return {f"p{n}": {"column": column.format(n)} for n in range(count)}


def test_columns_come_in_the_order_in_which_problems_are_reported() -> None:
    column_map = ColumnMap.model_validate(
        {
            "properties": {"b": {"column": "B"}, "a": {"column": "A"}},
            "unsubscribed": "U",
            "email": "E",
            "first_name": "F",
        }
    )
    assert list(column_map.columns()) == ["E", "F", "U", "B", "A"]


@pytest.mark.parametrize("given", [{}, {"email": None}, {"email": "email", "properties": None}])
def test_what_is_left_out_is_the_column_of_addresses_alone(given: dict[str, Any]) -> None:
    assert ColumnMap.model_validate(given) == ColumnMap(email="email")


def test_names_of_javascript_are_understood() -> None:
    given = {"firstName": "F", "lastName": "L"}
    assert ColumnMap.model_validate(given) == ColumnMap(first_name="F", last_name="L")


def test_who_has_unsubscribed_is_told_by_a_column_or_by_words_in_it() -> None:
    for given, shown in (
        ("S", "S"),
        ({"column": "S"}, "S"),
        ({"column": " S ", "true_when": None}, "S"),
        (
            {"column": "S", "true_when": [" Opted out\u200b", "x" * 200]},
            {"column": "S", "true_when": ["Opted out", "x" * 200]},
        ),
        (
            {"column": "S", "trueWhen": "not_empty"},
            {"column": "S", "true_when": "not_empty"},
        ),
        (None, None),
    ):
        column_map = ColumnMap.model_validate({"unsubscribed": given})
        stored = column_map.model_dump(mode="json")
        assert stored["unsubscribed"] == shown
        assert ColumnMap.model_validate(stored) == column_map
        assert list(column_map.columns()) == (["email"] if given is None else ["email", "S"])


def test_a_full_name_is_instead_of_its_parts() -> None:
    column_map = ColumnMap.model_validate({"fullName": "Name", "unsubscribed": "U"})
    assert list(column_map.columns()) == ["email", "Name", "U"]
    assert ColumnMap.model_validate({"full_name": "N", "first_name": None}).full_name == "N"


def test_the_column_map_in_docs_imports_is_one() -> None:
    (block,) = (each for each in read_blocks("docs/imports.md") if "bounced" in each.text)
    given = json.loads(block.text)
    column_map = ColumnMap.model_validate(given)
    assert column_map.unsubscribed is not None
    assert column_map.unsubscribed.true_when == tuple(given["unsubscribed"]["true_when"])
    assert column_map.properties["price"].decimal == ","


@pytest.mark.parametrize("decimal", [".", ",", None])
def test_numbers_have_a_decimal_sign(decimal: str | None) -> None:
    given = {"p": {"column": "P", "type": "number", "decimal": decimal}}
    column_map = ColumnMap.model_validate({"properties": given})
    assert column_map.properties["p"].decimal == (decimal or ".")
    assert ColumnMap.model_validate(column_map.model_dump(mode="json")) == column_map


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"mail": "E"}, "Extra inputs are not permitted"),
        ({"email": " "}, "it must not be empty; leave the field out when no column has it"),
        ({"first_name": "\ufeff"}, "it must not be empty"),
        ({"first_name": "F", "firstName": "G"}, "firstName and first_name are the same field"),
        ({"full_name": "N", "last_name": "L"}, "so it goes with neither of them"),
        ({"fullName": "N", "firstName": "F"}, "so it goes with neither of them"),
        ({"full_name": "N", "fullName": "M"}, "fullName and full_name are the same field"),
        ({"unsubscribed": " "}, "it must not be empty; leave the field out"),
        ({"unsubscribed": 3}, "it must be a column's name, or an object with one, not the number"),
        ({"unsubscribed": {"true_when": ["x"]}}, "Field required"),
        ({"unsubscribed": {"column": "S", "false_when": ["x"]}}, "Extra inputs are not permitted"),
        ({"unsubscribed": {"column": "S", "true_when": []}}, "it must have 1 to 100 words, not 0"),
        ({"unsubscribed": {"column": "S", "true_when": ["x"] * 101}}, "1 to 100 words, not 101"),
        (
            {"unsubscribed": {"column": "S", "true_when": "x"}},
            'a list of words, or "not_empty", not',
        ),
        ({"unsubscribed": {"column": "S", "true_when": [1]}}, "must be strings, not the number 1"),
        ({"unsubscribed": {"column": "S", "true_when": [" "]}}, "its words must not be empty"),
        ({"unsubscribed": {"column": "S", "true_when": ["\ud800"]}}, "contain a lone surrogate"),
        ({"unsubscribed": {"column": "S", "true_when": ["x" * 201]}}, "at most 200 characters"),
        ({"properties": {"a": {"column": "A", "decimal": ","}}}, "and the type is string"),
        (
            {"properties": {"a": {"column": "A", "type": "number", "decimal": ";"}}},
            'it must be "." or ",", not ";"',
        ),
        ({"properties": {"a b": {"column": "A"}}}, 'the property key "a b" must be 1 to 50'),
        ({"properties": {"": {"column": "A"}}}, 'the property key "" must be 1 to 50'),
        ({"properties": {"a" * 51: {"column": "A"}}}, "must be 1 to 50 letters, digits or"),
        ({"properties": {"a": {"column": "A", "type": "date"}}}, "'string', 'number' or 'boolean'"),
        ({"properties": properties(MAX_PROPERTIES + 1)}, "at most 200 properties can be mapped"),
        (
            {"email": "c", "properties": properties(MAX_TARGETS_OF_COLUMN, "c")},
            "column 'c' is mapped 9 times; 8 times is the most",
        ),
        ([], "valid dictionary"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: object, problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ColumnMap.model_validate(given)
    assert problem in str(caught.value)


def test_as_much_as_may_be_is_not_refused() -> None:
    assert len(ColumnMap.model_validate({"properties": properties(MAX_PROPERTIES)}).properties) == (
        MAX_PROPERTIES
    )
    once_less = {"properties": properties(MAX_TARGETS_OF_COLUMN, "c")}
    assert ColumnMap.model_validate(once_less).email == "email"


def test_without_a_map_the_names_of_the_fields_are_looked_for() -> None:
    header = ("unsubscribed", "first_name", "First_Name", "email", "plan")
    found = ColumnMap.matching(header)
    assert found.model_dump(exclude_none=True, exclude_defaults=True) == {
        "first_name": "first_name",
        "unsubscribed": "unsubscribed",
    }
    # A file without addresses is refused by whoever checks the header against the map.
    assert ColumnMap.matching(()) == ColumnMap(email="email")


def test_names_are_without_what_surrounds_them() -> None:
    assert ColumnMap(email=" \ufeffE-Mail\u200b ").email == "E-Mail"
