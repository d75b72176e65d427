"""Why a record failed or deserves a look: every code, and its sentence for those who read it."""

from __future__ import annotations

from typing import NamedTuple

from rollcall.imports.domains import intended_domain

# How much of a cell is kept, and how much of that a sentence quotes.
MAX_VALUE_CHARACTERS = 200
MAX_QUOTED_CHARACTERS = 60
# How every sentence about unreadable bytes begins, and no other one does.
UNREADABLE_BEGINS = "Unreadable characters in "

# In the order in which a record's problems are looked for.
FAILURES = {
    "too_many_cells": (
        'This row has more cells than the header has columns: nothing stands above "{value}".'
    ),
    "unterminated_quote": (
        "A quotation mark in this row is never closed, so all that follows it in the file was"
        " taken for one row and its cells could not be told apart."
    ),
    "invalid_encoding": f'{UNREADABLE_BEGINS}column "{{column}}": type the text again.',
    "invalid_character": (
        'Column "{column}" has an invisible character (NUL) in it: type the text again.'
    ),
    "value_too_long": 'The text in column "{column}" is longer than 10,000 characters.',
    "missing_email": 'There is no e-mail address in column "{column}".',
    "invalid_email": '"{value}" in column "{column}" is not a complete e-mail address.',
    "invalid_boolean": '"{value}" in column "{column}" is neither yes nor no.',
    "invalid_number": (
        '"{value}" in column "{column}" is not a number that can be read: write it like -1234.5.'
    ),
}
# New ones go to the end: the place of a code is part of the ids of its warnings.
WARNINGS = {
    "legacy_encoding": (
        "The file is not in UTF-8 and was read as {value}: check some names with accents, and"
        " save the file as UTF-8 if they are wrong."
    ),
    "misspelled_domain": 'The domain of "{value}" may be misspelled: was {domain} meant?',
    "repeated_email": '"{value}" stands in an earlier row of this file already.',
    "resubscribed": "This contact had unsubscribed, and this row has subscribed it again.",
    "kept_unsubscribed": "This contact has unsubscribed and stays so, whatever this row says.",
}
# A record that was too long to be kept has no column and no cells.
RECORD_TOO_LONG = (
    "This row has more than 4 million characters, which is more than a row can have; a quotation"
    " mark that is not closed is the usual cause."
)


class Failure(NamedTuple):
    """A record that fails: its row, the column at fault if it is one, and the reason's code.

    `value` is the cell at fault, or what there is to show of it; null when there is none.
    """

    row: int
    column: str | None
    code: str
    value: str | None = None


def explain_failure(code: str, column: str | None, value: str | None) -> str:
    """Return the sentence that tells what is wrong with a record."""
    if code == "value_too_long" and column is None:
        return RECORD_TOO_LONG
    return FAILURES[code].format(column=_quote(column), value=_quote(value))


def explain_warning(code: str, value: str | None) -> str:
    """Return the sentence that tells what is remarkable about a record."""
    domain = intended_domain((value or "").rpartition("@")[2].lower())
    return WARNINGS[code].format(value=_quote(value), domain=domain or "another domain")


def shorten(text: str, most: int = MAX_VALUE_CHARACTERS) -> str:
    """Return a text, cut to so many characters with an ellipsis at the end if it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _quote(text: str | None) -> str:
    return shorten(" ".join((text or "").split()), MAX_QUOTED_CHARACTERS)
