"""What rules do to cells, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.issues import FailureCode
from rollcall.imports.mapping.plan import make_plan
from rollcall.imports.mending.checks import fits, read_cell
from rollcall.imports.mending.rules import (
    FailedRow,
    Rule,
    RuleKind,
    Surroundings,
    compile_rule,
)

HEADER = ["E", "Out", "Vip", "Price", "Preis", "Plan", "E2"]
EMAIL, OUT, VIP, PRICE, PREIS, PLAN, SECOND = range(7)
AROUND = Surroundings(
    plan=make_plan(
        ColumnMap.model_validate(
            {
                "email": "E",
                "unsubscribed": "Out",
                "properties": {
                    "vip": {"column": "Vip", "type": "boolean"},
                    "price": {"column": "Price", "type": "number"},
                    "preis": {"column": "Preis", "type": "number", "decimal": ","},
                    "plan": {"column": "Plan"},
                },
            }
        ),
        HEADER,
    ),
    width=len(HEADER),
)


def mended(kind: RuleKind, column: int, cell: str, **settings: Any) -> str:
    """Return what a rule makes of a cell."""
    cells = [""] * len(HEADER)
    cells[column] = cell
    row = FailedRow(2, cells)
    compile_rule(Rule(kind=kind, column=column, settings=settings), AROUND)(row)
    return row.cells[column]


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("\u201cann@b.co\u201d", "ann@b.co"),
        ("Ann Lee ann@b.co", "ann@b.co"),
        ("(Ann@B.co)", "ann@b.co"),
        ("ann@b.co (work)", "ann@b.co"),
        ("E-Mail: ann@b.co", "ann@b.co"),
        ("<ann@b.co", "ann@b.co"),
        ("ann@b.co / +49 170 1", "ann@b.co"),
        ("ann@b\u00fcro.de (b\u00fcro)", None),
        ("ann@b.co, bob@b.co", None),
        ("ann@b.co @ann", None),
        ("ann", None),
        ("", None),
    ],
)
def test_the_address_in_a_cell(cell: str, address: str | None) -> None:
    assert mended(RuleKind.ADDRESS_WITHIN, EMAIL, cell) == (address or cell)


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("ann @ b.co", "ann@b.co"),
        ("ann(at)b.co", "ann@b.co"),
        ("ann [at] b [dot] co", "ann@b.co"),
        ("ann at b.co", "ann@b.co"),
        ("ann@@b.co", "ann@b.co"),
        ("ann@b,co", "ann@b.co"),
        ("ann@b..co", "ann@b.co"),
        ("ann@b.co.", "ann@b.co."),
        ("ann lee@b.co", "annlee@b.co"),
        ("ann\uff20b.co", "ann@b.co"),
        ("ann@b", None),
        ("ann@b.co bob@b.co", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_slips_of_addresses(cell: str, address: str | None) -> None:
    assert mended(RuleKind.ADDRESS_SLIPS, EMAIL, cell) == (address or cell)


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("ann@b.co; bob@b.co", "ann@b.co"),
        ("Ann <ann@b.co>, Bob <bob@b.co>", "ann@b.co"),
        ("ann@b.co bob@b.co", "ann@b.co"),
        ("x", None),
    ],
)
def test_the_first_of_several_addresses(cell: str, address: str | None) -> None:
    assert mended(RuleKind.FIRST_ADDRESS, EMAIL, cell) == (address or cell)


def test_an_address_of_another_column_where_there_is_none() -> None:
    rule = Rule(kind=RuleKind.ADDRESS_FROM, column=EMAIL, settings={"other": SECOND})
    apply = compile_rule(rule, AROUND)
    for first, second, then in (("", "b@b.co", "b@b.co"), ("x", "b@b.co", "x"), ("", "b", "")):
        row = FailedRow(2, [first, "", "", "", "", "", second])
        apply(row)
        assert row.cells[EMAIL] == then


@pytest.mark.parametrize(
    ("kind", "cell", "number"),
    [
        (RuleKind.NUMBER_WITHIN, "\u20ac 12.50", "12.50"),
        (RuleKind.NUMBER_WITHIN, "12.50 EUR", "12.50"),
        (RuleKind.NUMBER_WITHIN, "-$5", "-5"),
        (RuleKind.NUMBER_WITHIN, "US$ 5", "5"),
        (RuleKind.NUMBER_WITHIN, "25 %", "25"),
        (RuleKind.NUMBER_WITHIN, "1 200.5", "1200.5"),
        (RuleKind.NUMBER_WITHIN, "12 years", "12"),
        (RuleKind.NUMBER_WITHIN, "(12.50)", None),
        (RuleKind.NUMBER_WITHIN, "12-", None),
        (RuleKind.NUMBER_WITHIN, "1-2", None),
        (RuleKind.NUMBER_WITHIN, "2024-05-01", None),
        (RuleKind.NUMBER_WITHIN, "n/a", None),
        (RuleKind.NUMBER_WITHIN, "\u20ac 12,50", None),
        (RuleKind.DECIMAL_COMMA, "12,50", "12.50"),
        (RuleKind.DECIMAL_COMMA, "\u20ac 1.234,50", "1234.50"),
        (RuleKind.DECIMAL_COMMA, "12,- \u20ac", None),
        (RuleKind.DECIMAL_COMMA, "1,234,567", None),
        (RuleKind.DECIMAL_COMMA, "x", None),
        (RuleKind.COMMA_GROUPS, "1,234,567.8", "1234567.8"),
        (RuleKind.COMMA_GROUPS, "$1,234", "1234"),
        (RuleKind.COMMA_GROUPS, "12,50", None),
        (RuleKind.EMPTY, "n/a", ""),
        (RuleKind.EMPTY, "12.5", None),
    ],
)
def test_numbers_with_decimal_points(kind: RuleKind, cell: str, number: str | None) -> None:
    assert mended(kind, PRICE, cell) == (cell if number is None else number)


@pytest.mark.parametrize(
    ("kind", "cell", "number"),
    [
        (RuleKind.DECIMAL_POINT, "12.34", "12,34"),
        (RuleKind.DECIMAL_POINT, "1,234.50", "1234,50"),
        (RuleKind.DECIMAL_POINT, "1.234", None),
        (RuleKind.NUMBER_WITHIN, "\u20ac 1.234,50", "1.234,50"),
    ],
)
def test_numbers_with_decimal_commas(kind: RuleKind, cell: str, number: str | None) -> None:
    assert mended(kind, PREIS, cell) == (cell if number is None else number)


@pytest.mark.parametrize(
    ("column", "cell", "word"),
    [
        (VIP, "Ja", "true"),
        (VIP, "nein", "false"),
        (VIP, "oui", "true"),
        (VIP, "\u2713", "true"),
        (VIP, "subscribed", None),
        (VIP, "perhaps", None),
        (VIP, "yes", None),
        (OUT, "abgemeldet", "true"),
        (OUT, "opted in", "false"),
        (OUT, "nein", "false"),
    ],
)
def test_words_of_many_languages(column: int, cell: str, word: str | None) -> None:
    assert mended(RuleKind.WORDS, column, cell) == (word or cell)


def test_values_are_replaced_as_a_whole() -> None:
    values = {"gold": "true", "none": ""}
    assert mended(RuleKind.VALUES, VIP, " gold ", values=values) == "true"
    assert mended(RuleKind.VALUES, VIP, "none", values=values) == ""
    assert mended(RuleKind.VALUES, VIP, "golden", values=values) == "golden"


@pytest.mark.parametrize(
    ("cell", "settings", "then"),
    [
        ("a.b.c", {"find": ".", "replacement": "-"}, "a-b-c"),
        ("Foo foo", {"find": "foo", "replacement": "$1"}, "$1 $1"),
        ("Foo foo", {"find": "foo", "replacement": "x", "case": True}, "Foo x"),
        (" N/A ", {"find": "n/a", "replacement": "", "whole": True}, ""),
        ("N/A!", {"find": "n/a", "replacement": "", "whole": True}, "N/A!"),
        ("", {"find": "", "replacement": "free"}, "free"),
        ("pro", {"find": "", "replacement": "free"}, "pro"),
    ],
)
def test_find_and_replace(cell: str, settings: dict[str, Any], then: str) -> None:
    assert mended(RuleKind.REPLACE, PLAN, cell, **settings) == then


@pytest.mark.parametrize(
    ("kind", "cell", "then"),
    [
        (RuleKind.WINDOWS_BYTES, "M\udcfcller", "M\u00fcller"),
        (RuleKind.WINDOWS_BYTES, "\udc81", "\udc81"),
        (RuleKind.DROP_UNREADABLE, "M\udcfcller", "Mller"),
        (RuleKind.DROP_NUL, "a\0b", "ab"),
        (RuleKind.CUT, "x" * 10_001, "x" * 10_000),
        (RuleKind.CUT, "x", "x"),
    ],
)
def test_characters_that_cannot_be_stored(kind: RuleKind, cell: str, then: str) -> None:
    assert mended(kind, PLAN, cell) == then


def test_what_a_failures_file_has_for_unreadable_characters() -> None:
    assert mended(RuleKind.DROP_UNREADABLE, PLAN, "M\ufffdller") == "Mller"


def record(kind: RuleKind, cells: list[str], code: str | None = None) -> FailedRow:
    around = Surroundings(plan=AROUND.plan, width=3)
    row = FailedRow(2, cells, code)
    compile_rule(Rule(kind=kind), around)(row)
    return row


def test_cells_that_a_comma_tore_apart() -> None:
    torn = record(RuleKind.JOIN_BLANKS, ["a@b.co", "Lee", " Ann", "pro"])
    assert torn.cells == ["a@b.co", "Lee, Ann", "pro"]
    # What begins with a blank belongs to what stands before it.
    left = record(RuleKind.JOIN_BLANKS, ["a@b.co", "Lee", " Ann", " x", "pro"])
    assert left.cells == ["a@b.co", "Lee, Ann, x", "pro"]
    assert len(record(RuleKind.JOIN_BLANKS, ["a", "b", "c", "d"]).cells) == 4
    assert record(RuleKind.DROP_SURPLUS, ["a", "b", "c", "d"]).cells == ["a", "b", "c"]


def test_a_quotation_mark_that_opens_a_cell() -> None:
    code = FailureCode.UNTERMINATED_QUOTE
    row = record(RuleKind.DROP_QUOTE, ["a@b.co", '"Ann', "pro"], code)
    assert (row.cells[1], row.is_released) == ("Ann", True)
    other = record(RuleKind.DROP_QUOTE, ["a@b.co", '"Ann', "pro"])
    assert (other.cells[1], other.is_released) == ('"Ann', False)


def test_what_fits_is_left_alone() -> None:
    for kind in (RuleKind.DECIMAL_COMMA, RuleKind.COMMA_GROUPS, RuleKind.NUMBER_WITHIN):
        assert mended(kind, PRICE, " 12.5 ") == " 12.5 "
    target = AROUND.targets(PRICE)[0]
    assert fits(target, read_cell(' ="12.5" '))


def test_a_rule_is_kept_as_json() -> None:
    rule = Rule(kind=RuleKind.VALUES, column=2, settings={"values": {"b": "", "a": "x"}}, id=7)
    assert Rule.from_json(rule.as_json()) == rule
