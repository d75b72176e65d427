"""The options of `rollcall import`, as form fields of an upload."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from rollcall.client.command import FormOptions, ImportCommand, read_form
from rollcall.client.errors import ClientError

PLAIN = FormOptions(
    maps=(),
    properties=(),
    others={
        "on_conflict": "upsert",
        "segments": None,
        "topics": None,
        "resubscribe": None,
        "dry_run": None,
    },
)
FILE = Path("contacts.csv")
COMMAND = ImportCommand(
    url="http://127.0.0.1:8000",
    key="re_x",
    file=FILE,
    follow=None,
    options=PLAIN,
    watch=True,
    failures=None,
)


def test_what_was_not_given_is_not_sent() -> None:
    assert read_form(PLAIN) == {"on_conflict": "upsert"}


def test_every_option_becomes_a_field_of_the_form() -> None:
    options = dataclasses.replace(
        PLAIN,
        others={
            "on_conflict": "skip",
            "segments": ("s1", "s2"),
            "topics": ("t1=opt_in", "t2=opt_out"),
            "resubscribe": False,
            "dry_run": True,
        },
    )
    form = read_form(options)
    assert form.pop("on_conflict") == "skip"
    assert {name: json.loads(text) for name, text in form.items()} == {
        "segments": [{"id": "s1"}, {"id": "s2"}],
        "topics": [
            {"id": "t1", "subscription": "opt_in"},
            {"id": "t2", "subscription": "opt_out"},
        ],
        "resubscribe": False,
        "dry_run": True,
    }


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        ("t1", "--topic t1: it has to look like --topic ID=opt_in."),
        ("t1=yes", "--topic t1=yes: it has to end in =opt_in or =opt_out."),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(topic: str, problem: str) -> None:
    with pytest.raises(ClientError) as caught:
        read_form(dataclasses.replace(PLAIN, others={"topics": (topic,)}))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "change", [{}, {"watch": False}, {"file": None, "follow": "x"}, {"failures": Path("f.csv")}]
)
def test_what_goes_together_is_taken(change: dict[str, object]) -> None:
    dataclasses.replace(COMMAND, **change).check()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"file": None}, "Give a FILE to import, or --follow"),
        ({"follow": "x"}, "Give a FILE to import, or --follow"),
        ({"file": None, "follow": "x", "watch": False}, "--no-watch does not go with it"),
        ({"url": None}, "Give --url, or set ROLLCALL_URL."),
        ({"key": ""}, "Give --key, or set ROLLCALL_API_KEY."),
        ({"failures": Path("/no/such/f.csv")}, "/no/such/f.csv: there is no such folder."),
    ],
)
def test_what_is_missing_or_too_much_is_said(change: dict[str, object], problem: str) -> None:
    with pytest.raises(ClientError) as caught:
        dataclasses.replace(COMMAND, **change).check()  # type: ignore[arg-type]
    assert problem in str(caught.value)
