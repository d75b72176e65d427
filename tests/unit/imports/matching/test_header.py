"""A header that lacks a mapped column, or has it twice, is refused with what was found."""

from __future__ import annotations

from typing import Any

import pytest

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.matching.header import check_header, match_header
from rollcall.imports.reading.dialect import Dialect, Head, HeaderError

MAP = ColumnMap.model_validate({"email": "Email", "properties": {"plan": {"column": "Plan"}}})


def check(header: tuple[str, ...], column_map: ColumnMap) -> None:
    dialect = Dialect(encoding="utf-8", delimiter=",", header=header, header_row=1)
    check_header(dialect, column_map)


def match(data: bytes, column_map: ColumnMap | None = None, **said: Any) -> tuple[str, ...]:
    dialect, _ = match_header(Head(data=data, complete=True, **said), column_map)
    return dialect.header


def test_each_mapped_column_once_and_others_as_often_as_they_like() -> None:
    check(("x", "Mail", "x", "", ""), ColumnMap(email="Mail"))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("Mail", "n"), 'CSV missing required "email" column. Found: Mail, n'),
        (("Email", "n"), 'CSV missing required "email" column. Found: Email, n'),
        (("email", "x"), 'CSV missing mapped "n" column. Found: email, x'),
        (
            ("n", "email", "n"),
            'CSV has the mapped "n" column twice. Found: n, email, n. {} "n (1)"',
        ),
        (
            ("email", "n", "email"),
            'CSV has the mapped "email" column twice. Found: email, n, email',
        ),
    ],
)
def test_the_column_at_fault_is_named(header: tuple[str, ...], message: str) -> None:
    with pytest.raises(HeaderError) as caught:
        check(header, ColumnMap(first_name="n"))
    assert message.format("Say which is meant in the `column_map`:") in str(caught.value)


def test_what_was_found_is_shown_in_part_and_without_what_steers_a_terminal() -> None:
    header = ("\x1b[2J", "x" * 500, *(f"c{n}" for n in range(60)))
    with pytest.raises(HeaderError) as caught:
        check(header, ColumnMap())
    message = str(caught.value)
    assert r"Found: \x1b[2J, xxx" in message
    assert f"{'x' * 99}…, c0, " in message
    assert message.endswith(", c47 and 12 more")


def test_a_repeated_name_is_meant_by_its_number() -> None:
    check(("Mail", "x", "Mail"), ColumnMap(email="Mail (2)"))


def test_the_closest_row_is_told() -> None:
    with pytest.raises(HeaderError) as caught:
        match(b"Report\n\nEmail,Name\nann@example.com,Ann\n", MAP)
    assert str(caught.value) == (
        'CSV missing mapped "Plan" column. Row 3 comes closest to a header that has it.'
        " Found: Email, Name"
    )


def test_a_list_without_a_header_is_told_so() -> None:
    with pytest.raises(HeaderError) as caught:
        match(b"ann@example.com\nbob@example.com\n")
    assert str(caught.value) == (
        'CSV missing required "email" column. Row 1 has an e-mail address in it, so it is no'
        " header: above the table there has to be a row with the names of its columns. Found:"
        " ann@example.com"
    )


def test_the_row_that_is_said_is_the_header() -> None:
    data = b"email,x\n\nname,email\nAnn,ann@example.com\n"
    assert match(data) == ("email", "x")
    assert match(data, header_row=3) == ("name", "email")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (2, "Row 2, which `header_row` says, is blank."),
        (9, "Row 9, which `header_row` says, is not there."),
        (3, 'CSV missing required "email" column. It is not in row 3, which `header_row` says.'),
    ],
)
def test_a_row_that_is_said_in_vain(row: int, message: str) -> None:
    with pytest.raises(HeaderError) as caught:
        match(b"email,x\n\nname,y\n", header_row=row)
    assert message in str(caught.value)


def test_the_delimiter_that_is_said_separates() -> None:
    assert match(b"email#name;x\n", delimiters="#") == ("email", "name;x")
