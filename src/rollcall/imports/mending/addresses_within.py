"""The address in a cell that is none as a whole: taken out of it, or freed from a slip."""

from __future__ import annotations

import re

from rollcall.contacts.addresses import SHAPE, read_address
from rollcall.imports.pasted_addresses import clean_address

# Longer cells are no address with something around it.
MAX_CHARACTERS = 2000
_address = re.compile(SHAPE)
# What holds addresses together in a cell, and may stand directly at one.
_around = "()[]{}<>\"'`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb|/\\,;:.!?"
_at = re.compile(
    r"\s*(?:\(\s*(?:at|@|ät)\s*\)|\[\s*(?:at|@)\s*\]|\{\s*at\s*\}|[\uff20\ufe6b]|@+)\s*|\s+at\s+",
    re.IGNORECASE,
)
_dot = re.compile(r"\s*(?:\(\s*(?:dot|punkt)\s*\)|\[\s*(?:dot|punkt)\s*\])\s*", re.IGNORECASE)
_marks_between = re.compile(r"\s*[.,;]+\s*|[\u3002\uff0e]")


def addresses_in(cell: str) -> list[str]:
    """Return the addresses that stand in a text, each once, in their order."""
    if "@" not in cell or len(cell) > MAX_CHARACTERS:
        return []
    found = (_read(each) for part in cell.split() for each in _address.findall(part.strip(_around)))
    return list(dict.fromkeys(filter(None, found)))


def _read(text: str) -> str | None:
    return read_address(clean_address(text.strip(_around))[0])


def only_address(cell: str) -> str | None:
    """Return the address in a cell, if there is one and no other."""
    whole = _read(cell)
    if whole is not None:
        return whole
    found = addresses_in(cell)
    return found[0] if len(found) == 1 and cell.count("@") == 1 else None


def first_address(cell: str) -> str | None:
    """Return the first of several addresses."""
    found = addresses_in(cell)
    return found[0] if len(found) > 1 or cell.count("@") > 1 else None


def without_slips(cell: str) -> str | None:
    """Return the address that a cell is but for blanks, `(at)`, a comma for a dot, dots twice.

    None where it is none even so.
    """
    if len(cell) > MAX_CHARACTERS:
        return None
    text = _dot.sub(".", clean_address(cell)[0].strip(_around))
    parts = _at.split(text)
    if len(parts) != 2:
        return None
    local_part, domain = parts
    local_part = re.sub(r"\.{2,}", ".", re.sub(r"\s+", "", local_part)).strip(".")
    domain = re.sub(r"\s+", "", _marks_between.sub(".", domain.strip(_around))).strip(".-")
    return read_address(f"{local_part}@{domain}")
