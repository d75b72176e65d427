"""Hypothesis strategies for cells: what stands in files, good and bad, by what it is read as."""

from collections.abc import Sequence
from functools import cache
from itertools import cycle, islice

from hypothesis import strategies as st

from tests.support.oracle_cells import strip

# A small pool, so that records meet each other and the contacts that are stored.
EMAILS = ("a@b.co", "ann.lee@example.com", "x+y@b.co", "q@sub.b.co", "o'neil@b.co", "a@1.2")
# The same addresses as people leave them in files.
PASTED_EMAILS = (
    "'a@b.co",
    "'a@b.co'",
    '"A@b.co"',
    "a@b.co.",
    "x+y@b.co ,",
    "mailto:a@b.co",
    "MailTo: x%2By@b.co?subject=Hi%20there",
    "Ann Lee <a@b.co>",
    '"Lee, Ann" <ann.lee@example.com>;',
    "a@b.co <mailto:a@b.co>",
    "<'a@b.co'>:",
    "a\u200b@b\u00ad.co",
    "q@sub\u3002b.co",
    "a@b\u00fc.co",
    "A@B\u00dc.CO",
    "a@xn--b-xga.co",
    "Ann <a@b\uff0eco>",
)
BAD_EMAILS = (
    "a",
    "a@b",
    "a@b.",
    "@b.co",
    "a@@b.co",
    "a b@b.co",
    "a@-b.co",
    "ä@b.co",
    "\u212a@b.co",
    "a@b.co..",
    "\u201ca@b.co\u201d",
    "a@b.co'",
    "a@b.co (Ann)",
    "Ann <a@b.co> <x@b.co>",
    "a@b.co; Bob <x@b.co>",
    "mailto:",
    "a@\U0001f4a9.co",
    "a@b_\u00fc.co",
    "a@" + "\u00fc" * 60 + ".co",
    "a\uff20b.co",
    "a" * 65 + "@b.co",
    "a@b.co,x@b.co",
)

TRUE_AND_FALSE = ("true", "T", "Yes", "y", "1", "on", "false", "F", "no", "N", "0", "OFF")
NUMBERS = (
    "0",
    "-1",
    "+7",
    "007",
    "1.5",
    "1.0",
    "1",
    "2.",
    ".5",
    "-.5e-3",
    "1E3",
    "9007199254740993",
    "-0",
    "-0.0",
    "1e-999",
    "1" + "0" * 300,
)
NO_NUMBERS = (
    "x",
    "1e309",
    "1e999",
    "9" * 320,
    "NaN",
    "inf",
    "-Infinity",
    "1_0",
    "1,5",
    "\u0661",
    "\uff11",
    ".",
    "e1",
    "0x1",
    "--1",
)
HOSTILE = (
    '"',
    '""',
    "\\",
    "\\.",
    "\\N",
    "{",
    '{"a":1}',
    "[]",
    "null",
    "'",
    "x\ny",
    "x\r\ny",
    "\r",
    "x\ty",
    "\x01\x1f\x7f",
    "\u2028x\u2029",
    "a\u0085b",
    "😀\U0001d4b3",
    "ß",
    "x,y;z|w",
    "%s",
    "$1",
    ":a",
    "--",
    "\ufeff",
    "\u200b",
    "\\u0000",
    "\\x",
)
# With a decimal comma; some of them are numbers with a decimal point, too.
COMMA_NUMBERS = (
    "1,5",
    "-1.234,5",
    "1.234",
    "1.234.567",
    "1 234,5",
    "1\u202f234\u00a0567",
    "12\u2009345,",
    "1'234",
    "1\u2019234,5e3",
    ",5",
    "+1234,50",
    "12.34",
    "0.123",
    "1.234 567",
    "1234.567",
    "1,234,567",
    "1,5.6",
    ",",
    "1..234",
    "1.23a",
    "1,e5",
    "1.234e2",
)
FULL_NAMES = (
    "Ann Lee",
    "Lee, Ann",
    "Dr. Ann Lee",
    "Ann Marie Lee Jr.",
    "Ann van der Berg",
    "van der Berg",
    "Van Morrison",
    "Garc\u00eda M\u00e1rquez, Gabriel",
    "\u738b\u5c0f\u660e",
    "\u5c71\u7530 \u592a\u90ce",
    "Nagy \u00c9va",
    "DUPONT Jean",
    "Herr M\u00fcller",
    "Mr and Mrs Smith",
    "Петров Иван Сергеевич",
    "Ann",
    "Lee, Ann, PhD",
    "x, y, z, w",
    "Jack MA",
    "Prince Rogers",
    "Dean Martin",
    "Dr.",
    "?",
    "Acme, Inc.",
    'Ann "Annie" Lee',
    "\u00c5sa \u00d6berg",
)
FORMULAS = ('="01067"', '="say ""hi"""', '=" \u200bx "', '="a"&"b"', '="x', '="', "=x", '=""""')
# What is nothing, or nothing to be seen.
BLANKS = (
    "",
    " ",
    "\t",
    "\u00a0",
    "\u2003",
    "\n",
    " \r\n",
    "\u200b",
    "\ufeff \u00ad",
    '=""',
    '=" "',
)
LONG = ("x" * 10_000, " " + "😀" * 10_000, "x" * 10_001, "x" * 10_001)
# U+0000, and what is encoded as the bytes 81, FF and ED, or in UTF-16 as lone surrogates.
BROKEN = ("\0", "a\0b", "\udc81", "x\udcffy", "\udced")


@cache
def texts() -> st.SearchStrategy[str]:
    """Text as it can be stored: stripped, not empty, without U+0000 and surrogates."""
    anything = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
    )
    return st.sampled_from(["Ann", "Bob"]) | (st.sampled_from(HOSTILE) | anything).map(
        strip
    ).filter(bool)


@cache
def cells_of(reading: str) -> st.SearchStrategy[str]:
    """Mostly good cells, often empty ones, sometimes cells that break a rule."""
    good = {
        "email": [
            *(case(email) for case in (str, str.upper, str.title) for email in EMAILS),
            *PASTED_EMAILS,
        ],
        "unsubscribed": [*TRUE_AND_FALSE, "Unsubscribed", "subscribed", "Opted OUT", "STRASSE"],
        "number": [*NUMBERS, *COMMA_NUMBERS],
        "full_name": [*FULL_NAMES, *HOSTILE],
        "boolean": TRUE_AND_FALSE,
    }.get(reading, ["Ann", "Bob", *HOSTILE, *FORMULAS])
    bad = {
        "email": BAD_EMAILS,
        "unsubscribed": ["maybe", "2", "ja", "tru"],
        "number": NO_NUMBERS,
        "boolean": ["unsubscribed", "subscribed", "2", "x"],
    }.get(reading, BROKEN)
    empty = 5 if reading == "email" else 40
    # One draw from a long list is much faster than a draw for each decision.
    cells = weighted((130, padded(good)), (empty, BLANKS), (20, bad), (5, BROKEN))
    return cells | texts() if reading in ("text", "string", "full_name") else cells


def weighted(*parts: tuple[int, Sequence[str]]) -> st.SearchStrategy[str]:
    """Each part's values, as often as its weight says. Hypothesis shrinks towards the first."""
    return st.sampled_from(
        [value for weight, values in parts for value in islice(cycle(values), weight)]
    )


def padded(cells: Sequence[str]) -> list[str]:
    """The cells as they are, and then each with something around it that does not count."""
    paddings = cycle(
        [
            (" ", ""),
            ("", "\u00a0"),
            ("\t", " "),
            ("", "\n"),
            ("\ufeff", ""),
            ("\u200b \u200f", "\u2060\u3000\u00ad"),
            ('="', '"'),
            (' ="\u202a', '\u202c"\u200b'),
        ]
    )
    return [
        *cells,
        *cells,
        *(left + cell + right for cell, (left, right) in zip(cells, paddings, strict=False)),
    ]
