"""What is wrong with a record, or remarkable about it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

# How much of a cell is kept, and how much of that a sentence quotes.
MAX_VALUE_CHARACTERS = 200
ELLIPSIS = "…"


class FailureCode(StrEnum):
    """What is wrong with a record, in the order in which it is looked for."""

    TOO_MANY_CELLS = "too_many_cells"
    UNTERMINATED_QUOTE = "unterminated_quote"
    INVALID_ENCODING = "invalid_encoding"
    INVALID_CHARACTER = "invalid_character"
    VALUE_TOO_LONG = "value_too_long"
    MISSING_EMAIL = "missing_email"
    INVALID_EMAIL = "invalid_email"
    INVALID_BOOLEAN = "invalid_boolean"
    INVALID_NUMBER = "invalid_number"


class WarningCode(StrEnum):
    """What is remarkable about a record that does not fail.

    New ones go to the end: the place of a code is part of the ids of its warnings.
    """

    LEGACY_ENCODING = "legacy_encoding"
    MISSPELLED_DOMAIN = "misspelled_domain"
    REPEATED_EMAIL = "repeated_email"
    RESUBSCRIBED = "resubscribed"
    KEPT_UNSUBSCRIBED = "kept_unsubscribed"
    CLEANED_EMAIL = "cleaned_email"
    UNREAD_COLUMN = "unread_column"
    MANY_LINES = "many_lines"


class Failure(NamedTuple):
    """A record that fails: its row, the column at fault if it is one, and the reason's code:
    a `FailureCode`, or one of a newer worker that has written it.

    `value` is the cell at fault, or what there is to show of it; null when there is none.
    """

    row: int
    column: str | None
    code: str
    value: str | None = None


def shorten(text: str, most: int = MAX_VALUE_CHARACTERS) -> str:
    """Return a text, cut to so many characters with an ellipsis at the end if it is longer."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


class RowWarning(NamedTuple):
    """A remark on a record. A record has each code once."""

    row: int
    code: WarningCode
    column: str | None = None
    value: str | None = None
