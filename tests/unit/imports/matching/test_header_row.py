from __future__ import annotations

import pytest

from rollcall.imports.matching.header_row import find_header_row

TABLE = [["Name", "E-mail"], ["Ann", "ann@example.com"], ["Bob", "bob@example.com"]]


@pytest.mark.parametrize(
    "above",
    [
        [],
        [[], ["", ""]],
        [["Contacts of 2024"]],
        [["Report", "Contacts"], ["Date", "2024-05-01"], []],
        [["Notes:"], ["When exporting your data, some of the addresses may be missing."], []],
        [["# exported by", "Ann"], ["# 3 rows"]],
        [["Name", "Contacts 2024"], ["Company", "Lumen"], ["Phone", "555 0101"]],
        [["Email report", "", "", ""], ["Total", "3", "Opened", "2"]],
    ],
)
def test_the_header_is_found_below_what_stands_above_it(above: list[list[str]]) -> None:
    assert find_header_row([*above, *TABLE]) == len(above)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [[], [""]],
        [["ann@example.com", "Ann"], ["bob@example.com", "Bob"]],
        [["2024-05-01", "12"], ["2024-05-02", "13"]],
    ],
)
def test_where_no_record_is_a_header_there_is_none(records: list[list[str]]) -> None:
    assert find_header_row(records) is None


def test_a_header_in_words_that_nobody_knows_is_the_first_record() -> None:
    assert find_header_row([["Izena", "Herria"], ["Ane", "Bilbo"], ["Jon", "Irun"]]) == 0


def test_a_header_alone_is_one() -> None:
    assert find_header_row([["Vorname", "Nachname", "E-Mail"]]) == 0


def test_no_more_records_are_searched_than_an_import_searches() -> None:
    assert find_header_row([*[["1", "2"]] * 20, *TABLE]) is None
    assert find_header_row([*[["1", "2"]] * 19, *TABLE]) == 19
