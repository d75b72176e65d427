"""What is wrong with what becomes of the columns of a draft. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from rollcall.contacts.addresses import read_address
from rollcall.imports.column_map import COMMA, MAX_PROPERTIES
from rollcall.imports.drafts.choices import Destination
from rollcall.imports.drafts.columns import NAME_PARTS, DraftColumn, DraftColumns
from rollcall.imports.drafts.problems import Problem, ProblemCode, problem
from rollcall.imports.matching.cell_kinds import PLAIN_FALSE, PLAIN_TRUE, Cells
from rollcall.imports.matching.consent_words import READ_PLAINLY
from rollcall.imports.matching.suggestions import Target
from rollcall.imports.pasted_addresses import clean_address
from rollcall.properties.values import PropertyType, is_key
from rollcall.wrong_values import make_visible, shorten

# Of the cells sampled of the column of the addresses, so many have to be some.
LEAST_ADDRESSES = 0.5
SHOWN_CHARACTERS = 40


def review(decided: DraftColumns, properties: Mapping[str, PropertyType]) -> DraftColumns:
    """Return the columns with what is wrong with each, and with all of them.

    Args:
        decided: what becomes of them.
        properties: those that the team has, by key.
    """
    targets = Counter(_place(c.destination) for c in decided.columns if c.destination is not None)
    columns = tuple(
        replace(
            column,
            problems=tuple(_of_column(column, column.destination, targets, properties)),
        )
        if column.destination is not None
        else column
        for column in decided.columns
    )
    problems = tuple(_of_all(decided, targets))
    return replace(decided, columns=columns, problems=problems)


def is_email(cell: str) -> bool:
    """Tell whether an import would find an e-mail address in a cell."""
    return read_address(clean_address(cell)[0]) is not None


def _place(to: Destination) -> str:
    """Return what only one column can be."""
    return f"property {to.key}" if to.target is Target.PROPERTY else to.target.value


def _of_all(decided: DraftColumns, targets: Counter[str]) -> Iterator[Problem]:
    if not decided.columns:
        yield problem(ProblemCode.NO_HEADER)
        return
    if not targets[Target.EMAIL]:
        yield problem(ProblemCode.MISSING_EMAIL)
    if not decided.rows:
        yield problem(ProblemCode.NO_ROWS)
    mapped = sum(1 for place in targets if place.startswith("property "))
    if mapped > MAX_PROPERTIES:
        yield problem(ProblemCode.TOO_MANY_PROPERTIES, count=mapped, most=MAX_PROPERTIES)


def _of_column(
    column: DraftColumn,
    to: Destination,
    targets: Counter[str],
    properties: Mapping[str, PropertyType],
) -> Iterator[Problem]:
    if not column.name:
        yield problem(ProblemCode.NO_NAME)
        return
    if targets[_place(to)] > 1:
        yield problem(ProblemCode.TAKEN_TWICE, count=targets[_place(to)], property=to.key or "")
    if to.target is Target.FULL_NAME and any(targets[part] for part in NAME_PARTS):
        yield problem(ProblemCode.NAMES_TWICE)
    if to.target is Target.EMAIL:
        yield from _of_addresses(column)
    elif to.target is Target.UNSUBSCRIBED:
        yield from _of_consent(column, to)
    elif to.target is Target.PROPERTY:
        yield from _of_property(column, to, properties)


def _of_addresses(column: DraftColumn) -> Iterator[Problem]:
    cells = column.column.cells
    if not cells:
        if cells.total:
            yield problem(ProblemCode.NO_ADDRESSES, total=cells.total)
        return
    wrong = [cell for cell in cells.filled if not is_email(cell)]
    good = len(cells.filled) - len(wrong)
    if good < LEAST_ADDRESSES * len(cells.filled):
        yield problem(
            ProblemCode.FEW_ADDRESSES, good=good, total=len(cells.filled), example=_show(wrong[0])
        )
    elif good < cells.total:
        yield problem(ProblemCode.SOME_NO_ADDRESSES, count=cells.total - good, total=cells.total)


def _of_consent(column: DraftColumn, to: Destination) -> Iterator[Problem]:
    if to.true_when == ():
        yield problem(ProblemCode.NO_WORDS)
    elif to.true_when is None:
        yield from _unfit(column, lambda cell: cell.lower() in READ_PLAINLY, "unclear_consent")


def _of_property(
    column: DraftColumn, to: Destination, properties: Mapping[str, PropertyType]
) -> Iterator[Problem]:
    key = to.key or ""
    if not key:
        yield problem(ProblemCode.NO_KEY)
    elif not is_key(key):
        yield problem(ProblemCode.BAD_KEY, property=_show(key))
    elif key in properties and properties[key] is not to.type:
        yield problem(ProblemCode.OTHER_TYPE, property=key, type=properties[key].value)
    if to.type is PropertyType.BOOLEAN:
        yield from _unfit(column, lambda cell: cell.lower() in PLAIN_TRUE | PLAIN_FALSE)
    elif to.type is PropertyType.NUMBER:
        allowed = (".", ",") if to.decimal == COMMA else (".",)
        yield from _unfit(column, lambda cell: Cells((cell,), 1).decimal in allowed)


def _unfit(
    column: DraftColumn, fits: Callable[[str], bool], code: str = ProblemCode.UNFIT_CELLS
) -> Iterator[Problem]:
    cells: Sequence[str] = column.column.cells.filled
    wrong = [cell for cell in cells if not fits(cell)]
    if wrong:
        yield problem(
            ProblemCode(code), count=len(wrong), total=len(cells), example=_show(wrong[0])
        )


def _show(text: str) -> str:
    return shorten(make_visible(text), SHOWN_CHARACTERS)
