"""The number in a cell that is none as it is read: with a unit, or written in another country."""

from __future__ import annotations

import re

from rollcall.imports.cell_shapes import NUMBER, WITH_COMMA
from rollcall.imports.column_map import COMMA, POINT
from rollcall.imports.mending.checks import with_point

MAX_CHARACTERS = 100
# A sign of a currency, a percent sign, or up to two words; brackets would mean a negative number.
_UNIT = r"[^\W\d_]{1,12}\.?"
_SURROUNDING = rf"(?:[^\w\s\d()+\-.,'\u2019@#/:<>=]|{_UNIT}(?:\s{_UNIT})?|{_UNIT}[$\u00a3])?"
_within = re.compile(
    rf"{_SURROUNDING}\s*([+-]?[.,]?\d(?:[\d.,'\u2019\s]*\d)?[.,]?)\s*(?:,[-\u2013\u2014]+)?\s*{_SURROUNDING}"
)
_signed_behind = re.compile(r"([+-])\s*([$\u20ac\u00a3])?\s*(\d.*)")
_with_comma = re.compile(WITH_COMMA)
_number = re.compile(NUMBER)
_comma_groups = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_plain_groups = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[\s'\u2019][0-9]{3})+(?:\.[0-9]*)?")


def _core(cell: str) -> str | None:
    """Return the digits of a cell with all marks among them, without what stands around them."""
    if len(cell) > MAX_CHARACTERS:
        return None
    signed = _signed_behind.fullmatch(cell)
    text = signed[1] + signed[3] if signed else cell
    # The minus of mathematics is not the one on a keyboard.
    found = _within.fullmatch(text.replace("\u2212", "-"))
    return found[1] if found else None


def number_within(cell: str) -> str | None:
    """Return a number without what stands around it: `€ 12.50`, `3 kg`, `1 200.5`."""
    core = _core(cell)
    if core is not None and _plain_groups.fullmatch(core):
        return re.sub(r"[\s'\u2019]", "", core)
    return core


def decimal_comma(cell: str) -> str | None:
    """Return a number with a decimal comma as one with a point."""
    core = _core(cell) or cell
    return with_point(core) if COMMA in core and _with_comma.fullmatch(core) else None


def decimal_point(cell: str) -> str | None:
    """Return a number with a decimal point as one with a comma, without groups."""
    core = _core(cell) or cell
    plain = core.replace(COMMA, "") if _comma_groups.fullmatch(core) else core
    return plain.replace(POINT, COMMA) if POINT in plain and _number.fullmatch(plain) else None


def comma_groups(cell: str) -> str | None:
    """Return a number without the commas that divide its thousands."""
    core = _core(cell) or cell
    return core.replace(COMMA, "") if _comma_groups.fullmatch(core) else None
