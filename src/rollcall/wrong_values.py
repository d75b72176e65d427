"""What is wrong with a value that a client sent: what is wanted, and what came instead.

The framework's own sentences name its classes and validators, which nobody knows who calls an API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_QUOTED_CHARACTERS = 60

# What is wanted, by the framework's name for the error; what is in braces it tells with the error.
_WANTED = {
    "string_type": "a string",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "an array",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of at most 19 digits",
    "int_from_float": "a whole number",
    "uuid_type": "a UUID",
    "uuid_parsing": "a UUID",
    "uuid_version": "a UUID",
    "enum": "{expected}",
    "literal_error": "{expected}",
    "string_too_short": "at least {min_length} character long",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
}


def explain(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, without a full stop: `it must be a string, not null`.

    Args:
        error: one of the framework's `errors()`.
    """
    kind: str = error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_too_long":
        return f"it must have at most {context['max_length']} characters"
    wanted = _WANTED.get(kind, "another value").format_map(context)
    # The framework quotes the members of an enumeration.
    return f"it must be {wanted.replace(chr(39), '')}, not {name(error['input'])}"


def name(value: object) -> str:
    """Return what a value of JSON is, with the value itself where that is short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {shorten(repr(value))}"
    if isinstance(value, str):
        return quote(value) if value else "an empty string"
    if isinstance(value, list):
        return "an array"
    return "an object" if isinstance(value, dict) else "anything else"


def quote(text: str) -> str:
    """Return a text in quotes, short, and with escapes for what cannot be seen."""
    return f'"{shorten(make_visible(text))}"'


def make_visible(text: str) -> str:
    """Return a text with `\\x00` or `\\u200b` for characters that cannot be printed."""
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def shorten(text: str, most: int = MAX_QUOTED_CHARACTERS) -> str:
    """Return a text, cut to so many characters with an ellipsis at the end if it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
