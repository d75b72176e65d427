"""What is said of a wrong value, from the errors that the framework really raises."""

from __future__ import annotations

import enum
import uuid
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from rollcall.wrong_values import explain, make_visible, name, quote, shorten


class Choice(enum.StrEnum):
    """As the API has them."""

    ONE = "opt_in"
    OTHER = "opt_out"


class Shape(BaseModel):
    """Any object."""


def refuse(value: object) -> object:
    raise ValueError("it must be another one")


@pytest.mark.parametrize(
    ("wanted", "value", "sentence"),
    [
        (str, None, "it must be a string, not null"),
        (str, 5, "it must be a string, not the number 5"),
        (str, True, "it must be a string, not true"),
        (dict, [], "it must be an object, not an array"),
        (Shape, "", "it must be an object, not an empty string"),
        (list[str], {}, "it must be an array, not an object"),
        (bool, "perhaps", 'it must be true or false, not "perhaps"'),
        (bool, None, "it must be true or false, not null"),
        (int, 1.5, "it must be a whole number, not the number 1.5"),
        (int, "x", 'it must be a whole number, not "x"'),
        (uuid.UUID, "x", 'it must be a UUID, not "x"'),
        (uuid.UUID, 7, "it must be a UUID, not the number 7"),
        (Choice, "x", 'it must be opt_in or opt_out, not "x"'),
        (Literal["a", "b"], "x", 'it must be a or b, not "x"'),
        (
            Annotated[str, Field(min_length=1)],
            "",
            "it must be at least 1 character long, not an empty string",
        ),
        (Annotated[str, Field(max_length=2)], "xyz", "it must have at most 2 characters"),
        (Annotated[int, Field(ge=1)], 0, "it must be at least 1, not the number 0"),
        (Annotated[int, Field(lt=9)], 9, "it must be less than 9, not the number 9"),
        (Annotated[str, AfterValidator(refuse)], "x", "it must be another one"),
        (bytes, 1.5, "it must be another value, not the number 1.5"),
    ],
)
def test_a_sentence_says_what_is_wanted_and_what_came(
    wanted: Any, value: object, sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(wanted).validate_python(value)
    (error,) = caught.value.errors()
    assert explain(error) == sentence


def test_a_long_value_is_cut() -> None:
    assert name("x" * 1000) == f'"{"x" * 59}…"'
    assert name(10**100) == f"the number 1{'0' * 58}…"
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 😀", "Zoë 😀"),
        ("\x1b[2J\x00", r"\x1b[2J\x00"),
        ("a\u200b\u2028", r"a\u200b\u2028"),
        ("\ud800", r"\ud800"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert make_visible(text) == shown
    assert quote(text) == f'"{shown}"'
