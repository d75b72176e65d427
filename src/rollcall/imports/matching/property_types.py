"""Of which type a new property is: what is above its column and what is in it both have a say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rollcall.imports.matching.columns import Column
from rollcall.properties.values import PropertyType

# Digits that nobody adds up: they are kept as they are written.
NO_NUMBERS = (
    "id", "phone", "postal_code", "house_number", "username", "ip", "created", "birthday", "secret",
    "street", "other_channel", "gender",
)  # fmt: skip
QUANTITIES = ("quantity",)
# What zeros and ones are numbers of, or codes.
NO_FLAGS = tuple(role for role in NO_NUMBERS if role != "other_channel")
MOST = 0.5
# So many different whole numbers of so many digits can be numbers of contacts.
LEAST_IDS = 3
SHORTEST_ID = 4
LEAST_DIGITS_OF_PHONE = 10


@dataclass(frozen=True)
class ColumnType:
    """A type, and what of the cells the import has to be told to read them as such.

    `decimal` is `,` where that divides the fraction; `is_readable` is false where the import has no
    way to read the cells as this type: they can be stored as text only.
    """

    type: PropertyType
    decimal: str | None = None
    is_readable: bool = True


STRING = ColumnType(PropertyType.STRING)


def type_of(column: Column) -> ColumnType:
    """Return the type that fits all cells of a column; a string where anything speaks against."""
    cells, words = column.cells, column.words
    if _are_booleans(column):
        return ColumnType(PropertyType.BOOLEAN, is_readable=cells.are_plain_booleans)
    if cells.decimal is None or cells.dates >= MOST:
        return STRING
    is_no_number = words.has(*NO_NUMBERS) or _ends_in_time(column) or _are_codes(column)
    if is_no_number and not words.has(*QUANTITIES):
        return STRING
    if cells.decimal == ",":
        return ColumnType(PropertyType.NUMBER, decimal=",")
    return ColumnType(PropertyType.NUMBER, is_readable=cells.decimal == ".")


def _are_booleans(column: Column) -> bool:
    cells, words = column.cells, column.words
    if not cells.are("yes", "no"):
        return False
    lower = {cell.lower() for cell in cells.distinct}
    if lower <= {"0", "1"}:
        # Few contacts have few of anything: only the name can say that these are counts.
        if words.has("flag") or column.is_question:
            return True
        return not words.has(*QUANTITIES, *NO_FLAGS)
    # One letter, or a mark, can be anything.
    return len(lower) > 1 or len(next(iter(lower))) > 1


def _ends_in_time(column: Column) -> bool:
    """Tell whether a name is that of a time: `Start date`, but not `Day of cycle`."""
    phrases = column.words.phrases
    return bool(phrases) and "time" in phrases[-1].roles


def _are_codes(column: Column) -> bool:
    """Tell whether cells are codes and no quantities: `10001`, `10002`, `10003`, or `79000000001`.

    They count contacts, or are all of one length, or one has more digits than anybody counts.
    """
    cells = column.cells
    if any(cell.isdecimal() and len(cell) >= LEAST_DIGITS_OF_PHONE for cell in cells.distinct):
        return True
    if len(cells.filled) < LEAST_IDS or len(cells.distinct) < len(cells.filled):
        return False
    if not all(cell.isdecimal() and len(cell) >= SHORTEST_ID for cell in cells.distinct):
        return False
    steps = {int(after) - int(cell) for cell, after in pairwise(cells.filled)}
    is_coded = len(cells.filled[0]) > SHORTEST_ID and len(set(map(len, cells.filled))) == 1
    return steps == {1} or is_coded


def fits(column: Column, type_: PropertyType) -> bool:
    """Tell whether the cells of a column can be stored in a property of a type."""
    cells = column.cells
    if type_ is PropertyType.STRING or not cells:
        return True
    if type_ is PropertyType.BOOLEAN:
        return cells.are_plain_booleans
    return cells.decimal in (".", ",")
