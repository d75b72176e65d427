"""The e-mail address in a cell, in the forms in which people copy and type them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from rollcall.text import INVISIBLE, strip_cell

# What ends a sentence or divides a list, and stays at the address that was copied out of it.
MARKS = ".,;:"
# The straight ones only: of others nobody can tell what they were meant to enclose.
QUOTES = "\"'"
# Nobody means more, and a cell of nothing but quotes takes no time.
MAX_LAYERS = 8

_without_invisible = str.maketrans("", "", INVISIBLE)
_scheme = re.compile("mailto:", re.IGNORECASE)
_named = re.compile("([^<>]*)<([^<>]*)>")
# Several addresses, of which only the last one stands in brackets. Only the first @ is tried.
_names_another = re.compile("[^@]*@[^,;]*[,;]")


def clean_address(cell: str) -> tuple[str, bool]:
    """Return the address in a cell, and whether more than blanks and invisible characters is gone.

    What is left need not be an address.
    """
    plain = text = strip_cell(cell.translate(_without_invisible))
    marks = MARKS
    for _ in range(MAX_LAYERS):
        before = text
        if text.endswith(tuple(marks)):
            text, marks = strip_cell(text[:-1]), ""
        text = strip_cell(_unwrap(text))
        if text == before:
            break
    return text, text != plain


def _unwrap(text: str) -> str:
    """Take one thing away that is around an address."""
    if text.startswith(tuple(QUOTES)):
        return text[1:].removesuffix(text[0])
    if _scheme.match(text):
        # A link: what stands behind the question mark is for the program that writes the mail.
        address = text.partition(":")[2].partition("?")[0]
        return unquote(address).translate(_without_invisible)
    named = _named.fullmatch(text)
    return named[2] if named and not _names_another.match(named[1]) else text
