"""The options of `rollcall import`, and the form fields that become of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rollcall.client.api import check_key, check_url
from rollcall.client.command import FormOptions, read_form
from rollcall.client.errors import ClientError
from rollcall.client.given_map import read_given


def options(**given: Any) -> FormOptions:
    others: dict[str, Any] = {"on_conflict": "upsert"} | given
    return FormOptions(
        maps=others.pop("maps", ()), properties=others.pop("properties", ()), others=others
    )


def _read(given: FormOptions) -> None:
    read_given(given)
    read_form(given)


def test_without_options_the_server_matches_the_header() -> None:
    assert read_form(options()) == {"on_conflict": "upsert"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"maps": ["email=Email"]}, {"email": "Email"}),
        ({"maps": ["email=a=b", "last_name=L"]}, {"email": "a=b", "last_name": "L"}),
        (
            {"maps": ["email=E"], "properties": ["plan=Plan"]},
            {"email": "E", "properties": {"plan": {"column": "Plan", "type": "string"}}},
        ),
        (
            {"maps": ["email=E"], "properties": ["n=a=b:c:number"]},
            {"email": "E", "properties": {"n": {"column": "a=b:c", "type": "number"}}},
        ),
    ],
)
def test_column_maps(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read_given(options(**given)).column_map() == expected


def test_properties_alone_do_not_hide_the_fields_that_are_suggested() -> None:
    given = read_given(options(properties=["plan=Plan", "x=a:b:boolean"]))
    assert not given.is_whole
    suggested = {
        "email": "E-Mail",
        "first_name": "Vorname",
        "properties": {"city": {"column": "Ort", "type": "string"}},
    }
    assert given.column_map(suggested) == {
        "email": "E-Mail",
        "first_name": "Vorname",
        "properties": {
            "plan": {"column": "Plan", "type": "string"},
            "x": {"column": "a:b", "type": "boolean"},
        },
    }


def test_the_other_fields() -> None:
    given = options(
        on_conflict="skip",
        segments=["s1", "s2"],
        topics=["t=opt_in", "u=opt_out"],
        resubscribe=False,
        dry_run=True,
    )
    form = read_form(given)
    assert json.loads(form.pop("segments")) == [{"id": "s1"}, {"id": "s2"}]
    assert json.loads(form.pop("topics")) == [
        {"id": "t", "subscription": "opt_in"},
        {"id": "u", "subscription": "opt_out"},
    ]
    assert form == {"on_conflict": "skip", "resubscribe": "false", "dry_run": "true"}
    assert read_form(options(resubscribe=True))["resubscribe"] == "true"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"maps": ["mail=E"]}, "--map mail=E: mail is no contact field"),
        ({"maps": ["email"]}, "--map email: "),
        ({"maps": ["email="]}, "--map email=: "),
        ({"maps": ["=E"]}, "--map =E: "),
        ({"maps": ["email=A", "email=B"]}, "--map: email is there twice"),
        ({"properties": ["plan"]}, "--property plan: "),
        ({"properties": ["plan=Plan:strng"]}, "--property plan=Plan:strng: .*string, number"),
        ({"properties": ["plan=:string"]}, "--property plan=:string: "),
        ({"properties": ["p=A", "p=B"]}, "--property: p is there twice"),
        ({"topics": ["t"]}, "--topic t: "),
        ({"topics": ["t=in"]}, "--topic t=in: .*opt_out"),
    ],
)
def test_options_that_are_wrong_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        _read(options(**given))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (" https://[::1]:8000/prefix/ ", "https://[::1]:8000/prefix"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert check_url(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8000", "ftp://h", "http://", "http://h:x", "http://u:p@h", "http://h/?a=b"],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ClientError, match="--url"):
        check_url(url)


def test_a_key_is_cleaned_or_refused_without_being_shown() -> None:
    assert check_key(" re_abc\n") == "re_abc"
    for key in ("", " ", "re_secret\nX: y", "re_secrét", "re_secret x"):
        with pytest.raises(ClientError) as refused:
            check_key(key)
        assert "secr" not in str(refused.value)
