"""The table of columns, where no terminal is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rollcall.client.answers import Preview
from rollcall.client.command import FormOptions
from rollcall.client.given_map import read_given
from rollcall.client.preview_page import show_preview


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    """Show a preview with these fields; return its lines that are not empty, cell by cell."""

    def say(
        column_map: dict[str, Any] | None = None, *, properties: tuple[str, ...] = (), **fields: Any
    ) -> list[list[str]]:
        given = read_given(FormOptions(maps=(), properties=properties, others={}))
        show_preview(Preview.model_validate(fields), column_map or {}, given)
        captured = capsys.readouterr()
        assert captured.out == ""
        lines = [line.strip() for line in captured.err.splitlines() if line.strip()]
        return [re.split(" {3,}", line) for line in lines]

    return say


def column(name: str, *samples: str, **suggestion: Any) -> dict[str, Any]:
    return {"index": 0, "name": name, "samples": list(samples), "suggestion": suggestion or None}


def test_what_becomes_of_each_column(say: Any) -> None:
    certain = {"confidence": "certain", "reason": "Its name says so."}
    shown = say(
        {
            "email": "E-Mail",
            "unsubscribed": {"column": "News", "true_when": ["nein", "no", "0", "off", "aus"]},
            "properties": {
                "price": {"column": "Price", "type": "number", "decimal": ","},
                "copy": {"column": "E-Mail", "type": "string"},
            },
        },
        columns=[
            column("E-Mail", "a@b.co", target="email", **certain),
            column("News", "ja", "nein", target="unsubscribed", **certain),
            column("Price", "1,5", "2", "3", "4", target="property", key="price", **certain),
            column("Who", "x", target="full_name", confidence="unsure", reason="It may be."),
            column("Y", target="property", key="y", confidence="unsure", reason="It may be."),
            column("Other", "x" * 30, target="last_name", **certain),
            column("Plain", "x"),
        ],
    )
    assert shown == [
        ["The columns of the file:"],
        ["column", "becomes", "samples", "how sure", "why"],
        ["E-Mail", "email, property copy (string)", "a@b.co", "certain", "Its name says so."],
        [
            *("News", "unsubscribed if nein | no | 0 or 2 other words", "ja | nein"),
            *("certain", "Its name says so."),
        ],
        [
            *("Price", "property price (number, decimal comma)", "1,5 | 2 | 3"),
            *("certain", "Its name says so."),
        ],
        ["Who", "not read (full_name?)", "x", "unsure", "It may be."],
        ["Y", "not read (property y?)", "unsure", "It may be."],
        ["Other", "not read", f"{'x' * 21}..."],
        ["Plain", "not read", "x"],
    ]


def test_what_was_given_is_called_so(say: Any) -> None:
    shown = say(
        {"email": "E", "properties": {"plan": {"column": " Plan ", "type": "string"}}},
        properties=("plan= Plan ",),
        columns=[column("Plan", "pro", target="property", key="x", confidence="likely")],
    )
    assert shown[2] == ["Plan", "property plan (string)", "pro", "given"]


def test_what_is_read_for_another_reason_is_not_explained(say: Any) -> None:
    shown = say(
        {"email": "email"},
        columns=[column("email", "x", target="property", key="e", confidence="likely")],
    )
    assert shown[2] == ["email", "email", "x"]


def test_who_has_unsubscribed_if_anything_is_there(say: Any) -> None:
    (_, _, row) = say(
        {"unsubscribed": {"column": "Left", "true_when": "not_empty"}}, columns=[column("Left")]
    )
    assert row == ["Left", "unsubscribed if there is anything"]


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        (
            {"format": "csv", "encoding": "Windows-1250", "delimiter": ";", "header_row": 3},
            "Read as CSV, encoding Windows-1250, delimiter ;, header in row 3.",
        ),
        ({"format": "csv", "delimiter": "\t"}, "Read as CSV, delimiter tab."),
        (
            {"format": "xlsx", "sheet": "P\x1b[L", "header_row": 1},
            r'Read as workbook, sheet "P\x1b[L", header in row 1.',
        ),
        ({"format": "parquet"}, "Read as parquet."),
    ],
)
def test_how_the_file_is_read(say: Any, dialect: dict[str, Any], line: str) -> None:
    assert say(dialect=dialect) == [[line]]


def test_warnings_and_foreign_text_steer_nothing(say: Any) -> None:
    shown = say(
        columns=[column("[red]A[/]\x1b[2J", "\u202ex")],
        warnings=[{"code": "x", "message": "Look\x07."}, {}],
    )
    assert shown[2] == [r"[red]A[/]\x1b[2J", "not read", r"\u202ex"]
    assert shown[-1] == [r"Look\x07."]


def test_an_answer_that_says_nothing(say: Any) -> None:
    assert say() == []
