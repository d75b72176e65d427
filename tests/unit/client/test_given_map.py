"""What the options of `rollcall import` say of a file's columns."""

from __future__ import annotations

import dataclasses

import pytest

from rollcall.client.command import FormOptions
from rollcall.client.errors import ClientError
from rollcall.client.given_map import read_given

NOTHING = FormOptions(maps=(), properties=(), others={})
SUGGESTED = {
    "email": "E-Mail",
    "full_name": "Name",
    "unsubscribed": {"column": "Newsletter", "true_when": ["nein"]},
    "properties": {
        "umsatz": {"column": "Umsatz", "type": "number", "decimal": ","},
        "ort": {"column": "Ort", "type": "string"},
    },
}


def options(**given: object) -> FormOptions:
    return dataclasses.replace(NOTHING, **given)  # type: ignore[arg-type]


def test_fields_and_properties() -> None:
    given = read_given(
        options(
            maps=("email=E-Mail", " first_name = Vor=name"),
            properties=("plan=Plan", "age=How old:number", "at=a:b:string"),
        )
    )
    assert given.is_whole
    assert given.column_map() == {
        "email": "E-Mail",
        # The column is as it was written: the server knows which blanks do not matter.
        "first_name": " Vor=name",
        "properties": {
            "plan": {"column": "Plan", "type": "string"},
            "age": {"column": "How old", "type": "number"},
            "at": {"column": "a:b", "type": "string"},
        },
    }


def test_who_has_unsubscribed_and_how_numbers_are_written() -> None:
    given = read_given(
        options(
            maps=("email=E", "full_name=Name", "unsubscribed=Status"),
            properties=("price=Price:number", "plan=Plan"),
            decimal=",",
            unsubscribed_words=("opted out", "gone"),
        )
    )
    assert given.column_map() == {
        "email": "E",
        "full_name": "Name",
        "unsubscribed": {"column": "Status", "true_when": ["opted out", "gone"]},
        "properties": {
            "price": {"column": "Price", "type": "number", "decimal": ","},
            "plan": {"column": "Plan", "type": "string"},
        },
    }
    given = read_given(options(maps=("unsubscribed=Left at",), is_unsubscribed_unless_empty=True))
    assert given.column_map() == {"unsubscribed": {"column": "Left at", "true_when": "not_empty"}}


def test_when_nothing_is_given_all_is_as_it_was_suggested() -> None:
    given = read_given(NOTHING)
    assert given.is_empty
    assert not given.is_whole
    assert given.column_map(SUGGESTED) == SUGGESTED


def test_with_properties_alone_the_fields_are_the_suggested_ones() -> None:
    """With a column map the server reads mapped columns only."""
    given = read_given(options(properties=("plan=Plan", "town= Ort ")))
    assert not given.is_whole
    assert given.names("Ort")
    assert given.column_map(SUGGESTED) == {
        "email": "E-Mail",
        "full_name": "Name",
        "unsubscribed": {"column": "Newsletter", "true_when": ["nein"]},
        "properties": {
            "plan": {"column": "Plan", "type": "string"},
            "town": {"column": " Ort ", "type": "string"},
        },
    }


def test_a_column_that_was_given_as_a_property_is_no_name_but_stays_the_address() -> None:
    given = read_given(options(properties=("title=Name", "mail=E-Mail", "news=Newsletter")))
    assert given.column_map(SUGGESTED).keys() == {"email", "properties"}


def test_what_was_given_alone_changes_what_is_suggested() -> None:
    given = read_given(options(decimal=".", is_unsubscribed_unless_empty=True))
    assert given.column_map(SUGGESTED) == {
        **SUGGESTED,
        "unsubscribed": {"column": "Newsletter", "true_when": "not_empty"},
        "properties": {
            "umsatz": {"column": "Umsatz", "type": "number", "decimal": "."},
            "ort": {"column": "Ort", "type": "string"},
        },
    }
    assert SUGGESTED["unsubscribed"]["true_when"] == ["nein"]  # type: ignore[index]


def test_a_suggestion_of_another_shape() -> None:
    """A later server may suggest what is not known here; it gets that back."""
    given = read_given(NOTHING)
    assert given.column_map({"email": "E", "phone": {"column": "Tel", "country": "DE"}}) == {
        "email": "E",
        "phone": {"column": "Tel", "country": "DE"},
    }
    odd = {"email": "E", "properties": {"a": "A", "b": {"column": "B"}}}
    assert given.column_map(odd) == {"email": "E", "properties": {"b": {"column": "B"}}}
    assert given.column_map({"email": "E", "properties": None}) == {"email": "E"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"maps": ("email",)}, "--map email: it has to look like --map email=Email."),
        ({"maps": ("=E",)}, "--map =E: it has to look like"),
        ({"maps": ("plan=Plan",)}, "plan is no contact field; they are email, first_name,"),
        ({"maps": ("email=A", "email=B")}, "--map: email is there twice."),
        ({"properties": ("plan= ",)}, "--property plan= : it has to look like"),
        ({"properties": ("at=a:date",)}, "after the last colon stands the type, string, number,"),
        ({"properties": ("at=:number",)}, "after the last colon stands the type"),
        ({"properties": ("p=A", "p=B")}, "--property: p is there twice."),
        ({"decimal": ";"}, "--decimal ;: it has to be a point or a comma."),
        (
            {"maps": ("email=E",), "decimal": ","},
            "--decimal is for numbers: give a --property KEY=COLUMN:number",
        ),
        ({"maps": ("email=E",), "unsubscribed_words": ("x",)}, "--map unsubscribed=COLUMN"),
        (
            {"maps": ("email=E",), "is_unsubscribed_unless_empty": True},
            "--map unsubscribed=COLUMN",
        ),
        (
            {"unsubscribed_words": ("x",), "is_unsubscribed_unless_empty": True},
            "--unsubscribed-when or --unsubscribed-when-not-empty, not both.",
        ),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(change: dict[str, object], problem: str) -> None:
    with pytest.raises(ClientError) as caught:
        read_given(options(**change))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"decimal": ","}, "--decimal is for numbers: give a --property KEY=COLUMN:number"),
        ({"unsubscribed_words": ("x",)}, "--map unsubscribed=COLUMN"),
        ({"is_unsubscribed_unless_empty": True}, "--map unsubscribed=COLUMN"),
    ],
)
def test_an_option_for_what_is_not_suggested_either(
    change: dict[str, object], problem: str
) -> None:
    with pytest.raises(ClientError) as caught:
        read_given(options(**change)).column_map({"email": "E"})
    assert problem in str(caught.value)
