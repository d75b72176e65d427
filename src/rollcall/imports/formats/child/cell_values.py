"""What the cells of a workbook say, as a person sees it: numbers, dates, escapes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

_WHOLE = re.compile(r"0|-?[1-9]\d*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Digits that a spreadsheet shows in full when asked to; beyond, an exponent says it better.
MAX_WHOLE = 1e21
LAST_DAY = 2958465  # 9999-12-31
MILLISECONDS_A_DAY = 86_400_000


class Shown(Enum):
    """As what a number format shows a number."""

    DATE = "date"
    TIME = "time of day"
    DURATION = "duration"


@dataclass(frozen=True)
class Padded:
    """A whole number with leading zeros, as postal codes have them."""

    digits: int


Format = Shown | Padded | None

# The formats that have a number and no code in the file; ECMA-376, part 1, 18.8.30. Those from 71
# on are of Thai.
BUILTIN: dict[int, Format] = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), *range(36, 37)), Shown.DATE),
    **dict.fromkeys((*range(50, 59), *range(71, 75), 77, 81), Shown.DATE),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 75, 76, 78, 80), Shown.TIME),
    **dict.fromkeys((46, 79), Shown.DURATION),
}
# Literals, escaped characters, spaces as wide as a character, fillers.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_HALF_OF_DAY = re.compile(r"am/pm|a/p|general", re.IGNORECASE)
_FRACTION_OF_SECOND = re.compile(r"(s[.,])0+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# Years, months, days, hours, seconds; years of other calendars; the letters of ISO 8601.
_CALENDAR = set("ymdhsebgtz")


def read_format(code: str) -> Format:
    """Return as what a number format's code shows a number."""
    section = _LITERAL.sub("", code).split(";", maxsplit=1)[0]
    if _ELAPSED.search(section):
        return Shown.DURATION
    section = _BRACKETS.sub("", section)
    if re.fullmatch(r"00+", section):
        return Padded(len(section))
    section = _HALF_OF_DAY.sub("", section.lower())
    words = _WORD.findall(section)
    if re.search(r"[0#?]", _FRACTION_OF_SECOND.sub(r"\1", section)) or not all(
        map(_is_date, words)
    ):
        return None
    letters = set("".join(words))
    if letters & set("yd"):
        return Shown.DATE
    if letters & set("hs"):
        return Shown.TIME
    return Shown.DATE if "m" in letters else None


def _is_date(word: str) -> bool:
    """Tell whether a word consists of letters that stand for something of a date.

    Some programs write the letters of their language, such as "TT.MM.JJJJ", but never "Standard".
    """
    return len(set(word)) == 1 or set(word) <= _CALENDAR


def unescape(text: str) -> str:
    """Put back the characters that XML cannot hold and a workbook writes as `_x000D_`."""
    return _ESCAPE.sub(_unescaped, text) if "_x" in text else text


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return match[0] if "\ud800" <= character <= "\udfff" else character


def show_number(text: str, shown: Format, *, epoch_1904: bool) -> str:
    """Return a number of a workbook as its cell shows it; what is no number, as it stands.

    Whole numbers have all their digits and no point, others as many digits as tell them apart.
    """
    if _WHOLE.fullmatch(text):
        whole = text
    elif _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        whole = _shortest(float(text))
    else:
        return text
    if isinstance(shown, Padded):
        return whole.zfill(shown.digits) if _WHOLE.fullmatch(whole) and whole[0] != "-" else whole
    if shown is None or len(text) > 30 or not 0 <= float(text) < LAST_DAY + 1:
        return whole
    return _show_moment(float(text), shown, epoch_1904=epoch_1904)


def _shortest(number: float) -> str:
    if number.is_integer() and abs(number) < MAX_WHOLE:
        return f"{Decimal(repr(number)).to_integral_value():f}" if number else "0"
    return repr(number)


def _show_moment(serial: float, shown: Shown, *, epoch_1904: bool) -> str:
    """Return an ISO 8601 date, time or both; a duration as hours, minutes, seconds."""
    days, milliseconds = divmod(round(serial * MILLISECONDS_A_DAY), MILLISECONDS_A_DAY)
    if shown is Shown.DURATION:
        return _clock(milliseconds + days * MILLISECONDS_A_DAY)
    if shown is Shown.TIME or (days == 0 and not epoch_1904):
        return _clock(milliseconds)
    day = _day(min(days, LAST_DAY), epoch_1904=epoch_1904).isoformat()
    return f"{day}T{_clock(milliseconds)}" if milliseconds else day


def _day(days: int, *, epoch_1904: bool) -> date:
    if epoch_1904:
        return date(1904, 1, 1) + timedelta(days=min(days, (date.max - date(1904, 1, 1)).days))
    # Spreadsheets have a 29th of February 1900, which never was, as day 60.
    return date(1899, 12, 30 + (days < 60)) + timedelta(days=days)


def _clock(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:03}" if fraction else text


def show_iso_date(text: str) -> str:
    """Return a cell that holds ISO 8601 already, without a time that says nothing."""
    return re.sub(r"T00:00(:00(\.0*)?)?Z?$|\.0+(?=Z?$)", "", text)


_QUOTED = r'"((?:[^"]|"")*)"'
_LITERALS = re.compile(
    rf"\s*=?\s*(?:{_QUOTED}|HYPERLINK\(\s*{_QUOTED}\s*(?:[,;]\s*{_QUOTED}\s*)?\))\s*", re.IGNORECASE
)


def read_literal(formula: str) -> str | None:
    """Return the text of a formula that is nothing but a text, or a link with one; else None.

    Programs that cannot calculate write such formulas with a zero as their value, or with none.
    """
    found = _LITERALS.fullmatch(formula)
    if found is None:
        return None
    text, target, shown = found.groups()
    text = next(each for each in (text, shown, target) if each is not None)
    return text.replace('""', '"')
