from __future__ import annotations

import pytest

from rollcall.imports.matching.cell_kinds import Cells, has_address, is_card, is_date, is_secret


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("ann@example.com", True),
        ("Ann Lee <ann@example.com>", True),
        ("mailto:ann@example.com", True),
        ("ann@example.com;", True),
        ("ann@example.com, bob@example.org", True),
        ("jörg@bücher.example", True),
        ("Ann Lee (ann@example.com)", False),
        ("@ann", False),
        ("meet @ 10", False),
        ("ann@example", False),
    ],
)
def test_addresses(cell: str, expected: bool) -> None:
    assert has_address(cell) is expected


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-01", "2024-05-01T10:00:00Z", "2023-10-06 23:47:56.678+00", "01.02.2023 10:00",
        "1/2/2023 4:05:00 AM", "2023/1/2", "5 May 2024", "Jan 5, 2023 10:00 AM", "10:30",
        "1672531200", "2023年1月2日", "0.0.00",
    ],
)  # fmt: skip
def test_dates(cell: str) -> None:
    assert is_date(cell)


@pytest.mark.parametrize("cell", ["12", "1.5", "May", "010-0000-0101", "1.234,50", "2024", "A-1"])
def test_what_is_no_date(cell: str) -> None:
    assert not is_date(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "$2y$10$abcdefghijklmnopqrstuv", "$P$BxZ0123456789abcdefghijklmnop", "{SSHA}abcdefgh",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "sk_live_abcdefgh12", "****", "123-45-6789",
    ],
)  # fmt: skip
def test_secrets(cell: str) -> None:
    assert is_secret(cell)


def test_numbers_of_cards_have_a_check_digit() -> None:
    assert is_card("4242 4242 4242 4242")
    assert not is_card("4242 4242 4242 4241")
    assert not is_card("4006381333931")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2.5", "-3", "1e5"], "."),
        (["1", "2,5"], ","),
        (["1.045,50", "12"], ","),
        (["1 045,50"], ","),
        (["1.045.000"], ","),
        (["14,000.00", "0.00"], "group"),
        (["1,000"], "group"),
        (["1.500", "2.250"], "group"),
        (["01067", "10115"], None),
        (["1234567890123456"], None),
        (["12%"], None),
        (["$5"], None),
        (["1", "x"], None),
        (["2,5", "2.5"], None),
        (["٣"], None),
        ([], None),
    ],
)
def test_all_numbers_of_a_column_are_read_alike(cells: list[str], expected: str | None) -> None:
    assert Cells.of(cells).decimal == expected


def test_cells_are_bare_and_counted() -> None:
    cells = Cells.of([" a ", "", "\u00a0", '="01"', "a"])
    assert cells.filled == ("a", "01", "a")
    assert cells.distinct == ("a", "01")
    assert cells.filled_share == 3 / 5


def test_words_in_many_languages_say_yes_and_no() -> None:
    assert Cells.of(["ja", "Nein", ""]).are("yes", "no")
    assert Cells.of(["はい", "いいえ"]).are("yes", "no")
    assert Cells.of(["Never_Subscribed", "SUBSCRIBED"]).are("subscribed", "unsubscribed")
    assert not Cells.of(["ja", "maybe"]).are("yes", "no")
    assert not Cells.of([]).are("yes", "no")
