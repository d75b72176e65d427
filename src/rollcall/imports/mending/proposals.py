"""Which rules come into question for a kind of failure. Pure; whether they mend, others try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rollcall.imports.column_map import COMMA
from rollcall.imports.issues import FailureCode
from rollcall.imports.mending.rules import FailedRow, Rule, RuleKind, Surroundings

# Other columns with addresses are tried where the one of the addresses is empty.
OTHER_COLUMNS = 3

_OF_CODE: dict[str, tuple[RuleKind, ...]] = {
    FailureCode.TOO_MANY_CELLS: (RuleKind.JOIN_BLANKS, RuleKind.DROP_SURPLUS),
    FailureCode.UNTERMINATED_QUOTE: (RuleKind.DROP_QUOTE,),
    FailureCode.INVALID_ENCODING: (RuleKind.WINDOWS_BYTES, RuleKind.DROP_UNREADABLE),
    FailureCode.INVALID_CHARACTER: (RuleKind.DROP_NUL,),
    FailureCode.VALUE_TOO_LONG: (RuleKind.CUT,),
    FailureCode.INVALID_EMAIL: (
        RuleKind.ADDRESS_WITHIN,
        RuleKind.ADDRESS_SLIPS,
        RuleKind.FIRST_ADDRESS,
    ),
    FailureCode.INVALID_BOOLEAN: (RuleKind.WORDS, RuleKind.EMPTY),
    FailureCode.INVALID_NUMBER: (
        RuleKind.NUMBER_WITHIN,
        RuleKind.DECIMAL_COMMA,
        RuleKind.COMMA_GROUPS,
        RuleKind.DECIMAL_POINT,
        RuleKind.EMPTY,
    ),
}
_OF_RECORDS = (RuleKind.JOIN_BLANKS, RuleKind.DROP_SURPLUS, RuleKind.DROP_QUOTE)
_WITH_POINTS = (RuleKind.DECIMAL_COMMA, RuleKind.COMMA_GROUPS)


def rules_for(
    code: str, column: int | None, around: Surroundings, rows: Sequence[FailedRow]
) -> Iterator[Rule]:
    """Yield the rules that may mend rows that fail with a code in a column.

    Args:
        code: of the failures.
        column: its index; None where they are of records as a whole.
        around: what is known of the file.
        rows: some of those that fail so.
    """
    if code == FailureCode.MISSING_EMAIL:
        yield from _from_other_columns(column, around, rows)
        return
    reads_commas = any(target.decimal == COMMA for target in around.targets(column))
    for kind in _OF_CODE.get(code, ()):
        if kind in _OF_RECORDS:
            yield Rule(kind=kind)
        elif column is not None and _comes_into_question(kind, around, reads_commas=reads_commas):
            yield Rule(kind=kind, column=column)


def _comes_into_question(kind: RuleKind, around: Surroundings, *, reads_commas: bool) -> bool:
    if kind is RuleKind.WINDOWS_BYTES:
        return around.encoding.startswith("utf-8")
    if kind is RuleKind.DECIMAL_POINT:
        return reads_commas
    return not (reads_commas and kind in _WITH_POINTS)


def _from_other_columns(
    column: int | None, around: Surroundings, rows: Sequence[FailedRow]
) -> Iterator[Rule]:
    times: Counter[int] = Counter(
        at for row in rows for at in range(around.width) if "@" in row.cells[at]
    )
    for other, _ in times.most_common(OTHER_COLUMNS):
        yield Rule(kind=RuleKind.ADDRESS_FROM, column=column, settings={"other": other})
