"""A column map as the command line that says it."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rollcall.cli.app import app
from rollcall.client import importing
from rollcall.client.command import FormOptions, ImportCommand
from rollcall.client.command_line import command_line, quote_word
from rollcall.client.given_map import read_given
from rollcall.client.wording import printable

ORDER = ImportCommand(
    url="http://127.0.0.1:8000",
    key="re_secret",
    file=Path("my contacts.csv"),
    follow=None,
    options=FormOptions(
        maps=(),
        properties=(),
        others={
            "on_conflict": "skip",
            "segments": ["s1", "s2"],
            "topics": ["t1=opt_in"],
            "resubscribe": False,
            "dry_run": True,
            "note": "It's\nMay",
            "encoding": None,
            "delimiter": ";",
            "header_row": "3",
            "sheet": "P & L",
        },
    ),
    watch=False,
    failures=Path("failed.csv"),
)
MAPS: list[dict[str, Any]] = [
    {"email": "E=Mail"},
    {
        "email": "it's",
        "first_name": "First\nName",
        "last_name": "Zunaм\u200b\u00e9\\",
        "unsubscribed": {"column": "$(Status)", "true_when": ["opted out", "-gone", "\u2610"]},
        "properties": {
            "plan": {"column": "Plan: now", "type": "string"},
            "price": {"column": "Price", "type": "number", "decimal": ","},
            "vip": {"column": "!", "type": "boolean"},
        },
    },
    {"email": "E", "unsubscribed": {"column": "Left at", "true_when": "not_empty"}},
]


def words_of(line: str) -> list[str]:
    """Return the words behind the program's name, as a shell reads them."""
    script = f"set -- {line}; printf '%s\\0' \"$@\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    words = done.stdout.decode().split("\0")[:-1]
    return words[words.index("import") :]


@pytest.mark.parametrize("column_map", MAPS)
def test_it_is_read_back_as_the_same(
    monkeypatch: pytest.MonkeyPatch, column_map: dict[str, Any]
) -> None:
    orders: list[ImportCommand] = []
    monkeypatch.setattr(importing, "run_import", orders.append)
    line = command_line(ORDER, column_map)
    assert printable(line) == line
    assert "re_secret" not in line
    done = CliRunner().invoke(app, [*words_of(line), "--key", "re_secret"])
    assert done.exit_code == 0, done.output
    (order,) = orders
    assert read_given(order.options).column_map() == column_map
    plain = dataclasses.replace(ORDER.options, others=order.options.others)
    assert dataclasses.replace(order, options=plain) == ORDER


def test_what_a_server_does_anyway_is_left_out() -> None:
    options = dataclasses.replace(ORDER.options, others={"on_conflict": "upsert", "topics": None})
    order = dataclasses.replace(ORDER, options=options, watch=True, failures=None)
    assert words_of(command_line(order, {"email": "E"})) == [
        *("import", "my contacts.csv", "--map", "email=E", "--url", "http://127.0.0.1:8000")
    ]


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("email=Email", "email=Email"),
        ("First Name", "'First Name'"),
        ("a\x1b[2J'\\", r"$'a\U0000001b[2J\'\\'"),
        ("Jörg\u202e", r"$'Jörg\U0000202e'"),
    ],
)
def test_words_are_quoted(word: str, quoted: str) -> None:
    assert quote_word(word) == quoted
