"""What can be said of a file: how it is written, and what is refused."""

from __future__ import annotations

import pytest

from rollcall.imports.file_options import read_delimiter, read_encoding, read_row, read_sheet


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        (",", ","),
        (" ; ", ";"),
        ("\t", "\t"),
        ("\t\n", "\t"),
        ("\\t", "\t"),
        ("Tab", "\t"),
        ("comma", ","),
        ("semicolon", ";"),
        ("pipe", "|"),
        ("#", "#"),
        ("^", "^"),
        ("\x01", "\x01"),
        ("\x1f", "\x1f"),
        ("\u00a7", "\u00a7"),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert read_delimiter(text) == delimiter


@pytest.mark.parametrize(
    "text", ["", '"', "a", "7", "\u00e4", ",,", "\\", "\n", "\r", "\u00a0", "\0", "\ud800", "colon"]
)
def test_what_separates_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="cannot separate cells"):
        read_delimiter(text)


@pytest.mark.parametrize(
    ("text", "name"), [("cp1250", "Windows-1250"), (" LATIN2 ", "ISO-8859-2"), ("utf8", "UTF-8")]
)
def test_encodings(text: str, name: str) -> None:
    assert read_encoding(text) == name
    assert read_encoding(name) == name


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(ValueError, match='"klingon" is no encoding'):
        read_encoding("klingon")


def test_rows() -> None:
    assert (read_row(" 7 "), read_row("1048576")) == (7, 1_048_576)
    assert read_row("0" * 5000 + "12") == 12


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "x", "\u0661", "1048577", "9" * 5000, f"00000000{'9' * 30}"]
)
def test_what_is_no_row(text: str) -> None:
    with pytest.raises(ValueError, match="no number of a row"):
        read_row(text)


def test_sheets() -> None:
    assert read_sheet(" Contacts ") == "Contacts"
    with pytest.raises(ValueError, match="is no sheet"):
        read_sheet("x" * 256)
