"""What a contact property may be called and what values it may hold."""

from __future__ import annotations

import enum
import math
import re
from typing import Any

from rollcall.text import check_text
from rollcall.wrong_values import name

KEY_PATTERN = r"[A-Za-z0-9_]{1,50}"

PropertyValue = str | int | float | bool


class PropertyType(enum.StrEnum):
    """The type of a property's values."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"


def is_key(text: str) -> bool:
    """Tell whether a property may be called this."""
    return re.fullmatch(KEY_PATTERN, text) is not None


def check_key(text: str) -> str:
    """Return what a property may be called.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if not is_key(text):
        raise ValueError(f"it must be 1 to 50 letters, digits or underscores, not {name(text)}")
    return text


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
    raise ValueError(f"it must be a string, a number or a boolean, not {name(value)}")


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
