"""What a contact property may be called and what values it may hold."""

from __future__ import annotations

import enum
import math
import re
from typing import Any

KEY_PATTERN = r"[A-Za-z0-9_]{1,50}"
# One limit for every text, whether it comes from a file or from a request.
MAX_TEXT_CHARACTERS = 10_000

PropertyValue = str | int | float | bool


class PropertyType(enum.StrEnum):
    """The type of a property's values."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"


def is_key(text: str) -> bool:
    """Tell whether a property may be called this."""
    return re.fullmatch(KEY_PATTERN, text) is not None


def check_value(value: Any) -> PropertyValue | None:
    """Return a value that some property may hold, or null.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return check_text(value)
    if isinstance(value, int | float):
        return _check_number(value)
    raise ValueError("it must be a string, a number or a boolean")


def check_text(text: str) -> str:
    """Return a text that the database can store.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if "\x00" in text:
        raise ValueError("it must not contain a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("it must not contain a lone surrogate")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"it must have at most {MAX_TEXT_CHARACTERS} characters")
    return text


def fits(value: PropertyValue, type_: PropertyType) -> bool:
    """Tell whether a value is of a property's type; text that looks like a number is none."""
    if type_ is PropertyType.STRING:
        return isinstance(value, str)
    if type_ is PropertyType.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_number(number: float) -> float:
    try:
        finite = math.isfinite(float(number))
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError("it must be a finite number, as a double is")
    return number
