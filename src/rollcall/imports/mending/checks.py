"""Whether the engine takes a record, said for a single one and without what reads whole columns.

Whoever types into a cell hears at once what an import would say of it. It says the same: both have
the same words and shapes, and a test holds them together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rollcall.contacts.addresses import read_address
from rollcall.imports.cell_shapes import (
    DIVIDERS,
    FALSE_WORDS,
    NUMBER,
    SUBSCRIBED_WORDS,
    TRUE_WORDS,
    UNSUBSCRIBED_WORDS,
    WITH_COMMA,
    read_formula,
)
from rollcall.imports.column_map import COMMA
from rollcall.imports.issues import FailureCode
from rollcall.imports.mapping.plan import Plan, Target
from rollcall.imports.pasted_addresses import clean_address
from rollcall.imports.sentences import UNREADABLE_BEGINS
from rollcall.properties.values import PropertyType
from rollcall.text import MAX_TEXT_CHARACTERS, strip_cell

_number = re.compile(NUMBER)
_with_comma = re.compile(WITH_COMMA)
_dividers = re.compile(DIVIDERS)
_surrogate = re.compile("[\ud800-\udfff]")


class Problem(NamedTuple):
    """What is wrong with a record: the code, and the index of the column; None where it is none."""

    code: FailureCode
    column: int | None = None


def read_cell(cell: str) -> str:
    """Return what of a cell is looked at; "" where it is no value."""
    return read_formula(strip_cell(cell))


def fits(target: Target, cell: str) -> bool:
    """Tell whether a cell, as it is looked at, is a value of a target; it need not be there."""
    return not cell or (_unfit(cell) is None and _misfit(target, cell) is None)


def first_problem(plan: Plan, cells: Sequence[str]) -> Problem | None:
    """Return what a record fails with; None if it does not.

    Args:
        plan: of the file that the record is to stand in.
        cells: of the record, as they stand.
    """
    return next(problems(plan, cells), None)


def problems(plan: Plan, cells: Sequence[str]) -> Iterator[Problem]:
    """Yield all that is wrong with a record, in the order in which it is looked for."""
    surplus = (at for at in range(plan.width, len(cells)) if strip_cell(cells[at]))
    if (beyond := next(surplus, None)) is not None:
        yield Problem(FailureCode.TOO_MANY_CELLS, beyond)
    looked_at = [(target, _cell(plan, target, cells)) for target in plan.targets]
    unfit = [(cell and _unfit(cell), target.index) for target, cell in looked_at]
    for code in (
        FailureCode.INVALID_ENCODING,
        FailureCode.INVALID_CHARACTER,
        FailureCode.VALUE_TOO_LONG,
    ):
        yield from (Problem(code, index) for found, index in unfit if found is code)
    for (target, cell), (found, _) in zip(looked_at, unfit, strict=True):
        if not cell and target.field == "email":
            yield Problem(FailureCode.MISSING_EMAIL, target.index)
        elif cell and not found and (misfit := _misfit(target, cell)):
            yield Problem(misfit, target.index)


def _cell(plan: Plan, target: Target, cells: Sequence[str]) -> str:
    cell = read_cell(cells[target.index]) if target.index < len(cells) else ""
    if "\N{REPLACEMENT CHARACTER}" in cell and plan.reason_column is not None:
        # It stands in a failures file, which says itself that nobody could read it.
        reason = cells[plan.reason_column] if plan.reason_column < len(cells) else ""
        if reason.startswith(UNREADABLE_BEGINS):
            return "\udcff"
    return cell


def _unfit(cell: str) -> FailureCode | None:
    """Return what is wrong with a cell whatever it is read as."""
    if _surrogate.search(cell):
        return FailureCode.INVALID_ENCODING
    if "\0" in cell:
        return FailureCode.INVALID_CHARACTER
    return FailureCode.VALUE_TOO_LONG if len(cell) > MAX_TEXT_CHARACTERS else None


def _misfit(target: Target, cell: str) -> FailureCode | None:
    """Return why a cell with content is no value of a target."""
    if target.field == "email":
        is_address = read_address(clean_address(cell)[0]) is not None
        return None if is_address else FailureCode.INVALID_EMAIL
    if target.field == "unsubscribed":
        words = (*UNSUBSCRIBED_WORDS, *SUBSCRIBED_WORDS)
        is_said = target.true_when is not None or cell.lower() in words
        return None if is_said else FailureCode.INVALID_BOOLEAN
    if target.type is PropertyType.NUMBER:
        return None if is_number(cell, target.decimal) else FailureCode.INVALID_NUMBER
    if target.type is PropertyType.BOOLEAN:
        is_said = cell.lower() in (*TRUE_WORDS, *FALSE_WORDS)
        return None if is_said else FailureCode.INVALID_BOOLEAN
    return None


def is_number(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number that a double can hold."""
    if decimal == COMMA:
        if not _with_comma.fullmatch(cell):
            return False
        cell = with_point(cell)
    return _number.fullmatch(cell) is not None and math.isfinite(float(cell))


def with_point(cell: str) -> str:
    """Return a number with a decimal comma as one with a point, its groups undivided."""
    return _dividers.sub("", cell).replace(COMMA, ".", 1)
