"""What cells can say, as words and regular expressions: one for columns and for single cells.

The expressions mean the same to the engine, which compares whole columns with them, and to Python;
they stand for a cell as a whole.
"""

from __future__ import annotations

import re

from rollcall.text import BLANKS, strip_cell

TRUE_WORDS = ("true", "t", "yes", "y", "1", "on")
FALSE_WORDS = ("false", "f", "no", "n", "0", "off")
UNSUBSCRIBED_WORDS = (*TRUE_WORDS, "unsubscribed")
SUBSCRIBED_WORDS = (*FALSE_WORDS, "subscribed")
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# With a decimal comma: groups of three digits are divided in one way throughout, and no group of
# them begins with a zero, which is how a fraction begins in a file with decimal points.
_DIVIDERS = [r"\.", f"[{re.escape(BLANKS)}]", "['\N{RIGHT SINGLE QUOTATION MARK}]"]
DIVIDERS = "|".join(_DIVIDERS)
_GROUPS = "|".join(f"(?:{divider}[0-9]{{3}})+" for divider in _DIVIDERS)
WITH_COMMA = rf"[+-]?(?:[1-9][0-9]{{0,2}}(?:{_GROUPS})|[0-9]+)?(?:,[0-9]*)?(?:[eE][+-]?[0-9]+)?"

# How exports keep a spreadsheet from taking a text for a number, as in `="01067"`.
FORMULA_BEGINS = '="'
_formula = re.compile(r'="((?:[^"]|"")*)"')


def read_formula(cell: str) -> str:
    """Return what stands between the quotes of a cell that is `="…"` as a whole."""
    formula = _formula.fullmatch(cell)
    return strip_cell(formula[1].replace('""', '"')) if formula else cell
