"""Keeping a spreadsheet from taking a text in a CSV file for a formula."""

from __future__ import annotations

import re

# Put before what a spreadsheet would take for a formula. An import strips it as it strips all
# blanks around a cell, in every file and under every name: nothing has to be recognised and
# undone, so nothing can be undone that should not be. No spreadsheet strips it.
NEUTRAL = "\N{NO-BREAK SPACE}"
# What programs skip at the beginning of a cell, but not what makes it harmless; then a formula.
RISKY = re.compile(
    "[\t\r\n]|(?:[\x00\ufeff\u200b-\u200f]|[^\\S\u00a0])*[=+\\-@\uff1d\uff0b\uff0d\uff20]"
)


def neutralise(cell: str) -> str:
    """Return a cell as it can be opened in a spreadsheet."""
    # Nearly all cells begin with a letter or a digit, and are not worth a regular expression.
    if cell[:1].isalnum() or not RISKY.match(cell):
        return cell
    return NEUTRAL + cell
