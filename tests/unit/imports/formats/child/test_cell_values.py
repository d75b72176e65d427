"""What numbers and dates of a workbook look like."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import to_excel

from rollcall.imports.formats.child.cell_values import (
    BUILTIN,
    Format,
    Padded,
    Shown,
    read_format,
    read_literal,
    show_iso_date,
    show_number,
    unescape,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12345", "12345"),
        ("12345.0", "12345"),
        ("-7", "-7"),
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("4.915112345678E12", "4915112345678"),
        ("4915112345678901234", "4915112345678901234"),
        ("1.23456789012345E+19", "12345678901234500000"),
        ("1E+30", "1e+30"),
        ("1.1000000000000001", "1.1"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.00001", "1e-05"),
        ("1e400", "1e400"),
        ("1_000", "1_000"),
        ("nan", "nan"),
        ("what", "what"),
    ],
)
def test_numbers(text: str, shown: str) -> None:
    assert show_number(text, None, epoch_1904=False) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays_the_same_number(number: float) -> None:
    assert float(show_number(repr(number), None, epoch_1904=False)) == number
    # As spreadsheet programs write them: with 17 digits.
    assert float(show_number(f"{number:.17g}", None, epoch_1904=False)) == number


@pytest.mark.parametrize(
    ("serial", "how", "shown"),
    [
        ("45413", Shown.DATE, "2024-05-01"),
        ("45413.0", Shown.DATE, "2024-05-01"),
        ("45413.5", Shown.DATE, "2024-05-01T12:00:00"),
        ("45413.573611111111", Shown.DATE, "2024-05-01T13:46:00"),
        ("45413.00000578704", Shown.DATE, "2024-05-01T00:00:00.500"),
        ("45413.999999999999", Shown.DATE, "2024-05-02"),
        ("1", Shown.DATE, "1900-01-01"),
        ("59", Shown.DATE, "1900-02-28"),
        ("61", Shown.DATE, "1900-03-01"),
        ("2958465", Shown.DATE, "9999-12-31"),
        ("2958465.999999999", Shown.DATE, "9999-12-31"),
        ("2958466", Shown.DATE, "2958466"),
        ("-1", Shown.DATE, "-1"),
        ("1e400", Shown.DATE, "1e400"),
        ("unknown", Shown.DATE, "unknown"),
        ("0.75", Shown.DATE, "18:00:00"),
        ("0.75", Shown.TIME, "18:00:00"),
        ("45413.75", Shown.TIME, "18:00:00"),
        ("1.5", Shown.DURATION, "36:00:00"),
        ("1234", Padded(5), "01234"),
        ("123456", Padded(5), "123456"),
        ("-12", Padded(5), "-12"),
        ("1.5", Padded(5), "1.5"),
    ],
)
def test_formatted_numbers(serial: str, how: Format, shown: str) -> None:
    assert show_number(serial, how, epoch_1904=False) == shown


def test_days_that_are_counted_from_1904() -> None:
    assert show_number("0", Shown.DATE, epoch_1904=True) == "1904-01-01"
    assert show_number("43951", Shown.DATE, epoch_1904=True) == "2024-05-01"
    assert show_number("2958465", Shown.DATE, epoch_1904=True) == "9999-12-31"


# Moments in a spreadsheet have no time zone.
@given(st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)))  # noqa: DTZ001
def test_dates_are_those_that_another_library_writes(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    shown = show_number(repr(to_excel(moment)), Shown.DATE, epoch_1904=False)
    assert abs(datetime.fromisoformat(shown) - moment) <= timedelta(milliseconds=1)
    assert ("T" in shown) == (datetime.fromisoformat(shown).time() != datetime.min.time())


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("General", None),
        ("0.00", None),
        ("#,##0", None),
        ("0.00E+00", None),
        ("@", None),
        ('#,##0\\ "days"', None),
        ("#,##0_);[Red]\\(#,##0\\)", None),
        ("[Red]0", None),
        ("[$-409]#,##0", None),
        ('"d"0', None),
        ("0;yyyy", None),
        ("yyyy-mm-dd", Shown.DATE),
        ("DD/MM/YYYY", Shown.DATE),
        ("mmmm", Shown.DATE),
        ("[$-407]d\\.\\ mmmm\\ yyyy;@", Shown.DATE),
        ("m/d/yy h:mm", Shown.DATE),
        ("h:mm AM/PM", Shown.TIME),
        ("mm:ss.0", Shown.TIME),
        ("[h]:mm:ss", Shown.DURATION),
        ("[mm]:ss", Shown.DURATION),
        ("00000", Padded(5)),
        ("00000;-00000", Padded(5)),
        ("0", None),
        ("000-00-0000", None),
        ("[Red]00000", Padded(5)),
        ('"Nr;"00000', Padded(5)),
    ],
)
def test_number_formats(code: str, how: Format) -> None:
    assert read_format(code) == how
    if not isinstance(how, Padded) and code != "[mm]:ss":
        assert bool(is_date_format(code)) == (how is not None)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("Standard", None),
        ("#,##0.00 USD", None),
        ("0 mg", None),
        ("# ?/?", None),
        ("TT.MM.JJJJ", Shown.DATE),
        ("jj/mm/aaaa", Shown.DATE),
        ("yyyymmdd", Shown.DATE),
        ("yyyy-mm-ddThh:mm:ssZ", Shown.DATE),
        ("[$-411]ggge.m.d", Shown.DATE),
        ('yyyy"\u5e74"m"\u6708"d"\u65e5";@', Shown.DATE),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", Shown.DATE),
        ("hhmmss", Shown.TIME),
        ("h:mm:ss,000 am/pm", Shown.TIME),
        ("[HH]:MM", Shown.DURATION),
        (";;;", None),
        ("", None),
    ],
)
def test_number_formats_that_other_programs_write(code: str, how: Format) -> None:
    assert read_format(code) == how


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ('"01067"', "01067"),
        ('="say ""hi"""', 'say "hi"'),
        ('HYPERLINK("mailto:a@b.co","a@b.co")', "a@b.co"),
        ('hyperlink( "https://b.co" )', "https://b.co"),
        ('""', ""),
        ('"a"&"b"', None),
        ('IF(A1="x","y","z")', None),
        ('HYPERLINK(A1,"x")', None),
        ("A1", None),
        ("1/3", None),
    ],
)
def test_formulas_that_are_a_text(formula: str, text: str | None) -> None:
    assert read_literal(formula) == text


def test_built_in_number_formats() -> None:
    assert BUILTIN[14] is BUILTIN[22] is BUILTIN[30] is BUILTIN[57] is Shown.DATE
    assert BUILTIN[18] is BUILTIN[21] is BUILTIN[32] is BUILTIN[45] is Shown.TIME
    assert BUILTIN[46] is BUILTIN[79] is Shown.DURATION
    assert BUILTIN[71] is BUILTIN[77] is BUILTIN[81] is Shown.DATE
    assert BUILTIN[75] is BUILTIN[80] is Shown.TIME
    assert not BUILTIN.keys() & {0, 1, 4, 9, 11, 37, 40, 48, 49, 59, 62, 67, 70}


def test_escapes() -> None:
    assert unescape("a_x000D_\nb") == "a\r\nb"
    assert unescape("_x005F_x000D_") == "_x000D_"
    assert unescape("a_x00_b _xyz0_ _x12345_") == "a_x00_b _xyz0_ _x12345_"
    # Half of a surrogate pair is no character.
    assert unescape("_xD83D_") == "_xD83D_"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-05-01T00:00:00", "2024-05-01"),
        ("2024-05-01T00:00:00.000Z", "2024-05-01"),
        ("2024-05-01T00:00:01", "2024-05-01T00:00:01"),
        ("2024-05-01", "2024-05-01"),
        ("2024-05-01T13:45:00.000", "2024-05-01T13:45:00"),
        ("2024-05-01T13:45:00.500Z", "2024-05-01T13:45:00.500Z"),
    ],
)
def test_dates_that_are_written_out(text: str, shown: str) -> None:
    assert show_iso_date(text) == shown
