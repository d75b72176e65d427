"""The table of encodings, for one language and one size."""

from __future__ import annotations

import sys

import pytest

from benchmarks.encodings import __main__ as table
from benchmarks.encodings.lists import Form, languages, make_list


def test_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["encodings", "--only", "Thai", "--sizes", "20", "--wrong"])
    monkeypatch.setattr(table, "installed", lambda: {"guesses": lambda data: "cp1252"})
    table.main()
    assert capsys.readouterr().out.splitlines() == [
        "| Language | Encoding | 20 rows |",
        "|---|---|---|",
        "| Thai | Windows-874 | 100 |",
        "| **all** |  | 100 |",
        "",
        "| Detector | 20 rows |",
        "|---|---|",
        "| Rollcall | 100 |",
        "| guesses | 0 |",
    ]


def test_a_list_is_always_the_same_and_has_a_name_of_its_language() -> None:
    for language in languages():
        codec = language.encodings[0]
        data = make_list(language, codec, 5, Form.NAMES, seed=0)
        assert data == make_list(language, codec, 5, Form.NAMES, seed=0)
        assert data.decode(codec).count("\r\n") == 6
