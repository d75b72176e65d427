"""Rules that mend cells of many rows at once: what each does to a row. Pure.

A rule is kept as a `Rule`; `compile_rule` makes a function of it. Rules that mend what is wrong
leave alone what an import takes as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from rollcall.imports.issues import FailureCode
from rollcall.imports.mapping.plan import Plan, Target
from rollcall.imports.mending import addresses_within, numbers_within, words_within
from rollcall.imports.mending.checks import fits, read_cell
from rollcall.text import MAX_TEXT_CHARACTERS

_unreadable = re.compile("[\ud800-\udfff]")
# How a byte stands in a text that means nothing in the file's encoding.
_escaped = re.compile("[\udc80-\udcff]+")


class RuleKind(StrEnum):
    """What rules do. The words are kept with the rules: none may change its meaning."""

    ADDRESS_WITHIN = "address_within"
    ADDRESS_SLIPS = "address_slips"
    FIRST_ADDRESS = "first_address"
    ADDRESS_FROM = "address_from"
    NUMBER_WITHIN = "number_within"
    DECIMAL_COMMA = "decimal_comma"
    DECIMAL_POINT = "decimal_point"
    COMMA_GROUPS = "comma_groups"
    WORDS = "words"
    VALUES = "values"
    EMPTY = "empty"
    WINDOWS_BYTES = "windows_bytes"
    DROP_UNREADABLE = "drop_unreadable"
    DROP_NUL = "drop_nul"
    CUT = "cut"
    JOIN_BLANKS = "join_blanks"
    DROP_SURPLUS = "drop_surplus"
    DROP_QUOTE = "drop_quote"
    REPLACE = "replace"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: what it does, in which column, and what else has to be known for that.

    `id` is the number of the change with which it came: it applies to what cells were before.
    `column` is an index; None of a rule for records as a whole.
    """

    kind: RuleKind
    column: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    id: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Rule:
        return cls(**{**value, "kind": RuleKind(value["kind"])})


@dataclass
class FailedRow:
    """A row that failed: its cells, at least as many as the header has, to be changed in place.

    `code` is that of a failure of the record as a whole, until it `is_released` from it.
    """

    row: int
    cells: list[str]
    code: str | None = None
    is_released: bool = False


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What rules have to know of the file."""

    plan: Plan
    width: int
    delimiter: str = ","
    encoding: str = "utf-8"

    def targets(self, column: int | None) -> list[Target]:
        return [target for target in self.plan.targets if target.index == column]


Apply = Callable[[FailedRow], None]
# What becomes of a cell that does not fit, as it is looked at; None where nothing does.
Change = Callable[[str], str | None]


def compile_rule(rule: Rule, around: Surroundings) -> Apply:
    """Return what a rule does to a row."""
    if rule.kind in _OF_RECORDS:
        return _OF_RECORDS[rule.kind](around)
    assert rule.column is not None
    targets = around.targets(rule.column)
    if rule.kind in _OF_ANY_CELL:
        change_any = _OF_ANY_CELL[rule.kind](rule.settings)
        return lambda row: _change_any(row, rule.column or 0, change_any)
    if rule.kind is RuleKind.ADDRESS_FROM:
        return _address_from(rule.column, rule.settings["other"])
    change = _OF_UNFIT_CELLS[rule.kind](targets)
    return lambda row: _mend(row, rule.column or 0, targets, change)


def _mend(row: FailedRow, column: int, targets: list[Target], change: Change) -> None:
    """Change a cell that does not fit, if it fits then."""
    cell = read_cell(row.cells[column])
    if all(fits(target, cell) for target in targets):
        return
    changed = change(cell)
    if changed is not None and all(fits(target, read_cell(changed)) for target in targets):
        row.cells[column] = changed


def _change_any(row: FailedRow, column: int, change: Change) -> None:
    # A replacement may be for one of the cells beyond the header, which few rows have.
    if column < len(row.cells) and (changed := change(row.cells[column])) is not None:
        row.cells[column] = changed


def _values(settings: dict[str, Any]) -> Change:
    """Replace cells that are one of some values as a whole."""
    values: dict[str, str] = settings["values"]
    return lambda cell: values.get(read_cell(cell))


def _replace(settings: dict[str, Any]) -> Change:
    """Find a text and put another in its place: anywhere in a cell, or where it is all of it."""
    find, replacement = settings["find"], settings["replacement"]
    flags = 0 if settings.get("case") else re.IGNORECASE
    sought = re.compile(re.escape(find), flags)
    if settings.get("whole"):
        return lambda cell: replacement if _is_whole(sought, find, cell) else None
    if not find:
        # Nothing stands in empty cells alone.
        return lambda cell: None if read_cell(cell) else replacement
    return lambda cell: sought.sub(lambda _: replacement, cell) if sought.search(cell) else None


def _is_whole(sought: re.Pattern[str], find: str, cell: str) -> bool:
    return sought.fullmatch(cell) is not None or sought.fullmatch(read_cell(cell)) is not None


def _drop_nul(_: dict[str, Any]) -> Change:
    return lambda cell: cell.replace("\0", "") if "\0" in cell else None


def _drop_unreadable(_: dict[str, Any]) -> Change:
    # What a failures file has in their place.
    return lambda cell: _without(cell, _unreadable) or _without(cell, re.compile("\ufffd"))


def _without(cell: str, what: re.Pattern[str]) -> str | None:
    return what.sub("", cell) if what.search(cell) else None


def _windows_bytes(_: dict[str, Any]) -> Change:
    """Read bytes that are no UTF-8 as Windows-1252: somebody has put two files together."""
    return lambda cell: _escaped.sub(_read_bytes, cell) if _escaped.search(cell) else None


def _read_bytes(found: re.Match[str]) -> str:
    data = found[0].encode("ascii", "surrogateescape")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return found[0]


def _address_from(column: int, other: int) -> Apply:
    def apply(row: FailedRow) -> None:
        if not read_cell(row.cells[column]):
            found = addresses_within.only_address(read_cell(row.cells[other]))
            row.cells[column] = found or row.cells[column]

    return apply


def _join_blanks(around: Surroundings) -> Apply:
    """Put cells together again that a delimiter and a blank has torn apart.

    Only where that leaves exactly as many cells as the header has.
    """

    def apply(row: FailedRow) -> None:
        surplus = _surplus(row, around.width)
        torn = [at for at, cell in enumerate(row.cells) if at and cell[:1] == " " and cell.strip()]
        if not surplus or len(torn) != surplus:
            return
        joined: list[str] = []
        for at, cell in enumerate(row.cells[: around.width + surplus]):
            if at in torn:
                joined[-1] += around.delimiter + cell
            else:
                joined.append(cell)
        row.cells[:] = joined

    return apply


def _surplus(row: FailedRow, width: int) -> int:
    """Return how many cells a row has beyond the header, to the last one with content."""
    cells = row.cells
    last = next((at for at in range(len(cells), width, -1) if read_cell(cells[at - 1])), width)
    return last - width


def _drop_surplus(around: Surroundings) -> Apply:
    def apply(row: FailedRow) -> None:
        del row.cells[around.width :]

    return apply


def _drop_quote(_: Surroundings) -> Apply:
    def apply(row: FailedRow) -> None:
        if row.code != FailureCode.UNTERMINATED_QUOTE or row.is_released:
            return
        for at, cell in enumerate(row.cells):
            if cell.startswith('"'):
                row.cells[at] = cell[1:]
                row.is_released = True
                return

    return apply


_OF_RECORDS: dict[RuleKind, Callable[[Surroundings], Apply]] = {
    RuleKind.JOIN_BLANKS: _join_blanks,
    RuleKind.DROP_SURPLUS: _drop_surplus,
    RuleKind.DROP_QUOTE: _drop_quote,
}
_OF_ANY_CELL: dict[RuleKind, Callable[[dict[str, Any]], Change]] = {
    RuleKind.VALUES: _values,
    RuleKind.REPLACE: _replace,
    RuleKind.DROP_NUL: _drop_nul,
    RuleKind.DROP_UNREADABLE: _drop_unreadable,
    RuleKind.WINDOWS_BYTES: _windows_bytes,
}
_OF_UNFIT_CELLS: dict[RuleKind, Callable[[list[Target]], Change]] = {
    RuleKind.ADDRESS_WITHIN: lambda _: addresses_within.only_address,
    RuleKind.ADDRESS_SLIPS: lambda _: addresses_within.without_slips,
    RuleKind.FIRST_ADDRESS: lambda _: addresses_within.first_address,
    RuleKind.NUMBER_WITHIN: lambda _: numbers_within.number_within,
    RuleKind.DECIMAL_COMMA: lambda _: numbers_within.decimal_comma,
    RuleKind.DECIMAL_POINT: lambda _: numbers_within.decimal_point,
    RuleKind.COMMA_GROUPS: lambda _: numbers_within.comma_groups,
    RuleKind.WORDS: words_within.said_by,
    RuleKind.EMPTY: lambda _: lambda _cell: "",
    RuleKind.CUT: lambda _: lambda cell: cell[:MAX_TEXT_CHARACTERS],
}
