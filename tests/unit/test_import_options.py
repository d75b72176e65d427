"""The options of `rollcall import`, and the form fields that become of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rollcall.client.api import check_key, check_url
from rollcall.client.errors import ClientError
from rollcall.client.order import FormOptions, read_form


def options(**given: Any) -> FormOptions:
    nothing: dict[str, Any] = {
        "maps": (),
        "properties": (),
        "on_conflict": "upsert",
        "segments": (),
        "topics": (),
        "resubscribe": None,
        "dry_run": False,
    }
    return FormOptions(**(nothing | given))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_text("email;first_name;Plan;a:b\n")
    return path


def test_without_options_the_server_matches_the_header(file: Path) -> None:
    assert read_form(file, options()) == {"on_conflict": "upsert"}


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
def test_column_maps(file: Path, given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert json.loads(read_form(file, options(**given))["column_map"]) == expected


def test_properties_alone_do_not_hide_the_columns_that_the_server_would_find(file: Path) -> None:
    given = options(properties=["plan=Plan", "x=a:b:boolean"])
    assert json.loads(read_form(file, given)["column_map"]) == {
        "email": "email",
        "first_name": "first_name",
        "properties": {
            "plan": {"column": "Plan", "type": "string"},
            "x": {"column": "a:b", "type": "boolean"},
        },
    }


@pytest.mark.parametrize("start", [b"\x1f\x8b\x08", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"])
def test_properties_alone_with_a_packed_file(start: bytes, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv.gz"
    file.write_bytes(start + b"...")
    with pytest.raises(ClientError, match="--map"):
        read_form(file, options(properties=["plan=Plan"]))
    both = options(properties=["plan=Plan"], maps=["email=E"])
    assert json.loads(read_form(file, both)["column_map"])["email"] == "E"


def test_the_other_fields(file: Path) -> None:
    given = options(
        on_conflict="skip",
        segments=["s1", "s2"],
        topics=["t=opt_in", "u=opt_out"],
        resubscribe=False,
        dry_run=True,
    )
    form = read_form(file, given)
    assert json.loads(form.pop("segments")) == [{"id": "s1"}, {"id": "s2"}]
    assert json.loads(form.pop("topics")) == [
        {"id": "t", "subscription": "opt_in"},
        {"id": "u", "subscription": "opt_out"},
    ]
    assert form == {"on_conflict": "skip", "resubscribe": "false", "dry_run": "true"}
    assert read_form(file, options(resubscribe=True))["resubscribe"] == "true"


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
def test_options_that_are_wrong_are_named(file: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        read_form(file, options(**given))


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
