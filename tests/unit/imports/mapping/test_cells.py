"""What cells mean, a column at a time: each cell means the same whatever stands beside it."""

from __future__ import annotations

import functools
import json
import tracemalloc

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollcall.contacts import addresses
from rollcall.imports.mapping.cells import (
    is_plain_address,
    read_boolean,
    read_emails,
    read_formulas,
    read_number,
    read_unsubscribed,
)
from tests.support.cell_strategies import BAD_EMAILS, EMAILS, NO_NUMBERS, NUMBERS, PASTED_EMAILS
from tests.support.oracle_cells import (
    EMAIL,
    MAX_EMAIL,
    MAX_LOCAL_PART,
    Column,
    RecordError,
    parse_email,
    strip,
)

LABELS = st.text(st.sampled_from("aZ0-"), min_size=1, max_size=70)
LOCALS = st.text(st.sampled_from("a.+'ß @"), max_size=70)
ADDRESSES = st.builds(
    lambda local, labels: f"{local}@{'.'.join(labels)}",
    LOCALS | st.just("a"),
    st.lists(LABELS, min_size=1, max_size=5),
)
CELLS = ADDRESSES | st.sampled_from([*EMAILS, *BAD_EMAILS, *PASTED_EMAILS]) | st.text(max_size=5)
AROUND = st.sampled_from(
    ["{}", "'{}'", "'{}", '"{}"', "<{}>", "Ann <{}>", "mailto:{}", "{}.", "{},", " {}\u200b"]
)
LAYERED = st.builds(
    lambda email, layers: functools.reduce(lambda text, layer: layer.format(text), layers, email),
    st.sampled_from([*EMAILS, "A@B\u00dc.co", "a?b@b.co", "a@b.co;x@b.co", "a%40b.co"]),
    st.lists(AROUND, max_size=5),
)


def column(cells: list[str | None]) -> pl.Series:
    return pl.Series(cells, dtype=pl.String)


@given(st.lists(CELLS, max_size=6))
def test_addresses_are_those_of_the_definition(cells: list[str]) -> None:
    expected = [
        EMAIL.fullmatch(cell) is not None
        and cell.index("@") <= MAX_LOCAL_PART
        and len(cell) <= MAX_EMAIL
        for cell in cells
    ]
    plain = [
        is_one and not cell.startswith("'") for cell, is_one in zip(cells, expected, strict=True)
    ]
    assert is_plain_address(column([*cells])).to_list() == plain
    # The API has the rule for one address at a time.
    assert [addresses.is_address(cell) for cell in cells] == expected


@settings(max_examples=500)
@given(st.lists(CELLS | LAYERED, max_size=6))
def test_cells_are_read_as_the_oracle_reads_them(cells: list[str]) -> None:
    stripped = [cell for cell in map(strip, cells) if cell]
    expected = [oracle_reads(cell) for cell in stripped]
    found = read_emails(column([*stripped]))
    assert found.addresses.str.to_lowercase().to_list() == [address for address, _ in expected]
    assert found.cleaned == [at for at, (_, is_cleaned) in enumerate(expected) if is_cleaned]


def oracle_reads(cell: str) -> tuple[str | None, bool]:
    try:
        address, cleaned = parse_email(cell, Column("email", 0, "email"))
    except RecordError:
        return None, False
    return address, cleaned is not None


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ('="01067"', "01067"),
        ('="say ""hi"", Ann"', 'say "hi", Ann'),
        ('="two\nlines"', "two\nlines"),
        ('=""', ""),
        ('=" \u200b1 "', "1"),
        # Other formulas, and what only begins or ends like one, are texts.
        *(
            (text, text)
            for text in ('="a"&"b"', '="a', '="', '"01"', "=1", 'x="1"', '="a"b"', None)
        ),
    ],
)
def test_a_text_written_as_a_formula_is_the_text(cell: str | None, meaning: str | None) -> None:
    assert read_formulas(column([cell, "x"])).to_list() == [meaning, "x"]


def test_no_cell_stays_none() -> None:
    assert is_plain_address(column(["a@b.co", None])).to_list() == [True, None]
    assert is_plain_address(column([None])).to_list() == [None]
    assert is_plain_address(column([])).to_list() == []


@pytest.mark.parametrize(
    ("number", "cells"),
    [
        ("7", ["7", "+7", "007", "7.0", "7.", "0.7e1", "70E-1"]),
        ("0", ["0", "+0", "-0", "00", "-0.0", ".0", "1e-999"]),
        ("-0.5", ["-.5", "-0.50", "-5e-1"]),
        ("9007199254740993", ["9007199254740993", "+009007199254740993"]),
    ],
)
def test_one_number_has_one_text(number: str, cells: list[str]) -> None:
    """Two records that mean the same must not look as if they contradicted each other."""
    assert read_number(column([*cells])).to_list() == [number] * len(cells)


def test_numbers_are_written_as_json_writes_them() -> None:
    for text in read_number(column([*NUMBERS])).to_list():
        assert type(json.loads(text)) in (int, float)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,5", "1.5"),
        ("-1.234,5", "-1234.5"),
        ("1.234", "1234"),
        ("1.234.567,80", "1234567.8"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u202f567", "1234567"),
        ("12\u2009345", "12345"),
        ("1'234\u2019567", "1234567"),
        ("+1234,50", "1234.5"),
        (",5", "0.5"),
        ("5,", "5"),
        ("0,125", "0.125"),
        ("007", "7"),
        ("1,5e3", "1500"),
        ("9007199254740993", "9007199254740993"),
        *((text, None) for text in ("12.34", "1.2345", "1234.567", "1.23", "0.123", "012.345")),
        *((text, None) for text in ("1.234 567", "1,234,567", "1,234.5", "1..234", ".234", ",")),
        *(
            (text, None)
            for text in ("1.234.", "1 234 ", "", "x", "1,5,", "1 23", "1\u2212,5", "1e999")
        ),
    ],
)
def test_a_decimal_comma_makes_points_dividers(cell: str, number: str | None) -> None:
    assert read_number(column([cell, None, "7"]), ",").to_list() == [number, None, "7"]


def test_who_has_unsubscribed_may_be_told_by_other_words() -> None:
    cells = column(["opted OUT", "yes", "Stra\u00dfe", None, "STRASSE", "true"])
    words = ("Opted out", "strasse")
    assert read_unsubscribed(cells, words).to_list() == [True, False, True, None, True, False]
    assert read_unsubscribed(cells, "not_empty").to_list() == [True, True, True, None, True, True]
    assert read_unsubscribed(column([None]), words).to_list() == [None]


def test_what_is_no_number_is_null_beside_numbers() -> None:
    cells = [*NO_NUMBERS, None, "7"]
    assert read_number(column(cells)).to_list() == [None] * (len(cells) - 1) + ["7"]


def test_words_are_read_in_any_case_and_nothing_else_is_guessed() -> None:
    cells = ["Yes", "oFF", "1", "0", "maybe", "", "subscribed", "Unsubscribed", None]
    booleans = [True, False, True, False, None, None, None, None, None]
    assert read_boolean(column(cells)).to_list() == booleans
    assert read_unsubscribed(column(cells)).to_list() == [*booleans[:6], False, True, None]


def test_long_cells_take_no_time_and_no_memory() -> None:
    tracemalloc.start()
    for letter in "\u00e9\u00e8\u00ea\u00eb":
        # With all ways tried in which a name could end, this would take hours.
        cells = [f"{'@' * 1_000_000}{letter}<a@example.com>", f"a@{letter * 1_000_000}"]
        assert read_emails(pl.Series(cells)).addresses.to_list() == ["a@example.com", None]
        del cells
    assert tracemalloc.get_traced_memory()[0] < 1_000_000
    tracemalloc.stop()
