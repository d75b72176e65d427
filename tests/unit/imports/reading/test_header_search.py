"""Which of the first records is the header, and which comes closest where none is."""

from __future__ import annotations

import pytest

from rollcall.imports.reading.header_search import search_header

NOTES = [["Notes:"], ["When you export your connections, some lack an address."], []]


@pytest.mark.parametrize(
    ("records", "position"),
    [
        ([["email", "n"], ["a@b.co", "x"]], 0),
        ([[], [" ", "\u200b"], ["", "email", "n"]], 2),
        ([*NOTES, ["n", "email"], ["email", "n"]], 3),
        ([["email"], ["email", "n"]], 1),
        ([["email", "email"], ["n"], ["n", "email"]], 2),
    ],
)
def test_the_first_that_has_all_names(records: list[list[str]], position: int) -> None:
    found = search_header(records, ["email", "n"])
    assert found is not None
    assert found.is_complete
    assert found.position == position


@pytest.mark.parametrize(
    ("records", "position", "missing"),
    [
        ([["Report"], ["email"], ["email", "x"]], 1, ("n",)),
        ([["Report"], ["Email", "N"], ["a@b.co", "x"]], 1, ("email", "n")),
        ([["Report"], ["Other"]], 0, ("email", "n")),
        ([["x"]] * 20 + [["email", "n"]], 0, ("email", "n")),
    ],
)
def test_the_closest(records: list[list[str]], position: int, missing: tuple[str, ...]) -> None:
    found = search_header(records, ["email", "n"])
    assert found is not None
    assert (found.position, found.missing) == (position, missing)


def test_no_more_is_read_than_is_needed() -> None:
    records = iter([["x"]] * 25)
    search_header(records, ["email"])
    assert len(list(records)) == 5


def test_nothing_but_blank_records() -> None:
    assert search_header([[], ["\u200b", " "]], ["email"]) is None
