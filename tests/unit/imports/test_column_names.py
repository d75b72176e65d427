"""How names of columns are compared, and columns of the same name told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.column_names import (
    ColumnMissing,
    ColumnRepeated,
    column_index,
    column_names,
    has_column,
    strip_name,
)
from tests.support import oracle_table
from tests.support.oracle_reader import clean_name

HEADERS = st.lists(st.sampled_from(["", "a", "b", "a (1)", "a (2)", "a (2) (1)"]), max_size=6)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("\ufeff\u00a0email\t", "email"),
        ("\u200bemail \u00ad", "email"),
        ("\u202aemail\u202c\u2060", "email"),
        ("First\u00a0Name", "First Name"),
        ("zero\u200bwidth", "zero\u200bwidth"),
        ("two\nlines", "two\nlines"),
        ("\u200b \u2060E-Mail\u00ad\u202c", "E-Mail"),
        ("\ufeff\ufeffa b\t", "a b"),
        ("\u200b \ufeff", ""),
    ],
)
def test_what_surrounds_a_name_is_no_part_of_it(cell: str, name: str) -> None:
    assert strip_name(cell) == name


@given(st.text(st.characters(categories=["Cf", "Zs", "Cc", "Lu"]), max_size=8))
def test_names_are_those_of_the_definition(cell: str) -> None:
    assert strip_name(cell) == clean_name(cell)


@given(HEADERS, st.sampled_from(["", "a", "b", "a (1)", "a (2)", "a (3)", "a (2) (1)"]))
def test_a_column_is_the_one_of_the_definition(header: list[str], name: str) -> None:
    columns = oracle_table.columns_of(name, header)
    assert has_column(header, name) == bool(columns)
    if len(columns) == 1:
        assert column_index(header, name) == columns[0]
    else:
        with pytest.raises(ColumnRepeated if columns else ColumnMissing):
            column_index(header, name)


@given(HEADERS)
def test_a_name_leads_to_its_column(header: list[str]) -> None:
    for index, (name, said) in enumerate(zip(header, column_names(header), strict=True)):
        if said is not None:
            assert column_index(header, said) == index
        else:
            assert name == "" or header.count(name) > 1


def test_a_name_that_has_a_number_itself_comes_first() -> None:
    assert column_names(["a", "a (1)", "a"]) == [None, "a (1)", "a (2)"]


def test_a_header_may_be_very_wide() -> None:
    # To look through all of it for each of its columns would take minutes.
    assert column_names(["a"] * 130_000)[-1] == "a (130000)"
