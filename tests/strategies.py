"""Hypothesis strategies for imports: stored contacts, and the files that are then imported."""

import codecs
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from typing import Literal

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from tests.oracle import DELIMITERS, ColumnMap, Contact, Options, PropertyMapping, Value

SEGMENTS = tuple(f"5e900000-0000-4000-8000-{n:012}" for n in range(3))
TOPICS = tuple(f"70b1c000-0000-4000-8000-{n:012}" for n in range(3))
# A property has one type for good, so every import of a scenario gives it the same.
PROPERTY_TYPES = {
    "plan": "string",
    "note": "string",
    "age": "number",
    "score": "number",
    "vip": "boolean",
    "beta": "boolean",
}

# A small pool, so that records meet each other and the contacts that are stored.
EMAILS = ("a@b.co", "ann.lee@example.com", "x+y@b.co", "q@sub.b.co", "o'neil@b.co", "a@1.2")
BAD_EMAILS = (
    "a",
    "a@b",
    "a@b.",
    "@b.co",
    "a@@b.co",
    "a b@b.co",
    "a@-b.co",
    "ä@b.co",
    "a@b\u00fc.co",
    "\u212a@b.co",
    "a" * 65 + "@b.co",
    "a@b.co,x@b.co",
)
COLUMN_NAMES = (
    "email",
    "E-Mail",
    "first_name",
    "Vorname",
    "last_name",
    "Plan",
    "a,b",
    "x;y",
    'say "hi"',
    "two\nlines",
    "Ünï",
    "tab\tbed",
    "p|q",
    "n",
    "m",
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
BLANKS = ("", " ", "\t", "\u00a0", "\u2003", "\n", " \r\n")
LONG = ("x" * 10_000, " " + "😀" * 10_000, "x" * 10_001, "x" * 10_001)
# U+0000, and what is encoded as the bytes 81, FF and ED, or in UTF-16 as lone surrogates.
BROKEN = ("\0", "a\0b", "\udc81", "x\udcffy", "\udced")
LONG_RUN = re.compile(rb"(.{1,4}?)\1{999,}", re.DOTALL)


@dataclass(frozen=True, repr=False)
class ImportFile:
    data: bytes
    options: Options

    def __repr__(self) -> str:
        data = LONG_RUN.sub(lambda run: b"<%d bytes of %s>" % (len(run[0]), run[1]), self.data)
        return f"ImportFile({data!r}, {self.options!r})"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """How hypothesis prints an example: with the longest cells cut to what can be read."""
        printer.text(repr(self))


@dataclass(frozen=True)
class Scenario:
    stored: tuple[Contact, ...]
    files: tuple[ImportFile, ...]

    def start(self) -> dict[str, Contact]:
        """Fresh copies of the contacts that are stored before the first import."""
        return {contact.email: copy.deepcopy(contact) for contact in self.stored}


def scenarios() -> st.SearchStrategy[Scenario]:
    """One import into a small address book."""
    return st.builds(Scenario, stored_contacts(), st.tuples(import_files()))


def two_imports() -> st.SearchStrategy[Scenario]:
    """Two imports, one after the other, of the same few people."""
    return st.builds(Scenario, stored_contacts(), st.tuples(import_files(), import_files()))


def stored_contacts() -> st.SearchStrategy[tuple[Contact, ...]]:
    return st.lists(contacts(), max_size=4, unique_by=lambda contact: contact.email).map(tuple)


def contacts() -> st.SearchStrategy[Contact]:
    names = st.none() | texts()
    properties = st.fixed_dictionaries(
        {}, optional={key: property_values(kind) for key, kind in PROPERTY_TYPES.items()}
    )
    return st.builds(
        Contact,
        st.sampled_from(EMAILS),
        names,
        names,
        st.booleans(),
        properties,
        st.sets(st.sampled_from(SEGMENTS)),
        st.dictionaries(st.sampled_from(TOPICS), st.sampled_from(["opt_in", "opt_out"])),
    )


@cache
def texts() -> st.SearchStrategy[str]:
    """Text as it can be stored: stripped, not empty, without U+0000 and surrogates."""
    anything = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
    )
    return st.sampled_from(["Ann", "Bob"]) | (st.sampled_from(HOSTILE) | anything).map(
        str.strip
    ).filter(bool)


def property_values(kind: str) -> st.SearchStrategy[Value]:
    if kind == "number":
        return (
            st.sampled_from([0, 1, 7, 40])
            | st.integers(-(10**20), 10**20)
            | st.floats(allow_nan=False, allow_infinity=False)
        )
    return st.booleans() if kind == "boolean" else texts()


@st.composite
def import_files(draw: st.DrawFn) -> ImportFile:
    options = draw(all_options())
    header = draw(headers(options))
    record = records(header, readings(options))
    rows = draw(st.lists(record, min_size=draw(st.sampled_from([0, 0, 4, 12])), max_size=40))
    if rows and rows[-1] and draw(st.sampled_from([False] * 9 + [True])):
        # One long cell in a file is enough; more would make every example slow.
        rows[-1][draw(st.integers(0, len(rows[-1]) - 1))] = draw(st.sampled_from(LONG))
    lead = draw(st.lists(st.sampled_from([[], [" "], ["", "\u00a0"]]), max_size=2))
    return ImportFile(draw(encoded(draw(written([*lead, header, *rows])))), options)


# Options


def all_options() -> st.SearchStrategy[Options]:
    conflict: list[Literal["upsert", "skip"]] = ["upsert", "skip"]
    topic = st.tuples(st.sampled_from(TOPICS), st.sampled_from(["opt_in", "opt_out"]))
    return st.builds(
        Options,
        st.one_of(st.none(), column_maps(), column_maps()),
        st.sampled_from(conflict),
        st.lists(st.sampled_from(SEGMENTS), unique=True, max_size=2).map(tuple),
        st.lists(topic, unique_by=lambda pair: pair[0], max_size=2).map(tuple),
        st.booleans(),
    )


@st.composite
def column_maps(draw: st.DrawFn) -> ColumnMap:
    names = iter(draw(st.permutations(COLUMN_NAMES)))
    key = st.sampled_from(sorted(PROPERTY_TYPES))
    keys = draw(st.lists(key, unique=True, min_size=draw(st.integers(0, 2)), max_size=4))
    return ColumnMap(
        email=draw(st.sampled_from(["email", next(names)])),
        first_name=draw(st.sampled_from([None, next(names)])),
        last_name=draw(st.sampled_from([None, next(names)])),
        unsubscribed=draw(st.sampled_from([None, next(names)])),
        properties={key: PropertyMapping(next(names), PROPERTY_TYPES[key]) for key in keys},
    )


def readings(options: Options) -> dict[str, str]:
    """What each mapped column is read as: email, text, unsubscribed, string, number or boolean."""
    if options.column_map is None:
        return {
            "email": "email",
            "first_name": "text",
            "last_name": "text",
            "unsubscribed": "unsubscribed",
        }
    column_map = options.column_map
    fields = {
        column_map.first_name: "text",
        column_map.last_name: "text",
        column_map.unsubscribed: "unsubscribed",
    }
    properties = {mapping.column: mapping.type for mapping in column_map.properties.values()}
    named = {column: reading for column, reading in fields.items() if column is not None}
    return {**named, **properties, column_map.email: "email"}


# Header and records


@st.composite
def headers(draw: st.DrawFn, options: Options) -> list[str]:
    """Every wanted column once, in any order and among others; seldom one too few or twice."""
    wanted = list(readings(options))
    if options.column_map is None:
        wanted = ["email", *draw(st.lists(st.sampled_from(wanted[1:]), unique=True))]
    others = draw(st.lists(st.sampled_from(["", "other", "E-mail", "EMAIL", "x y"]), max_size=3))
    names = draw(st.permutations([*wanted, *others]))
    trouble = draw(st.sampled_from(["none"] * 27 + ["missing", "twice", "no header"]))
    if trouble == "missing":
        names = [name for name in names if name != wanted[-1]]
    elif trouble == "twice":
        names = [*names, wanted[0]]
    elif trouble == "no header":
        names = []
    blank = draw(st.sampled_from(BLANKS))
    return [name + blank for name in names]


def records(header: list[str], reading: dict[str, str]) -> st.SearchStrategy[list[str]]:
    cells = [cells_of(reading.get(name.strip(), "other")) for name in header]
    whole = st.tuples(*cells).map(list)
    cut = st.tuples(whole, st.integers(0, len(cells))).map(lambda pair: pair[0][: pair[1]])
    long = st.tuples(
        whole, st.lists(st.sampled_from([*BLANKS, "x", "\0", "\udcff"]), max_size=3)
    ).map(lambda pair: pair[0] + pair[1])
    blank = st.lists(st.sampled_from(BLANKS), max_size=len(cells) + 2)
    stray = st.lists(st.text(st.sampled_from('",;|\t\r\n a\\'), max_size=6), max_size=4)
    kinds = [whole] * 20 + [cut, cut, long, blank, blank, stray]
    return st.sampled_from(kinds).flatmap(lambda kind: kind)


@cache
def cells_of(reading: str) -> st.SearchStrategy[str]:
    """Mostly good cells, often empty ones, sometimes cells that break a rule."""
    good = {
        "email": [case(email) for case in (str, str.upper, str.title) for email in EMAILS],
        "unsubscribed": [*TRUE_AND_FALSE, "Unsubscribed", "subscribed"],
        "number": NUMBERS,
        "boolean": TRUE_AND_FALSE,
    }.get(reading, ["Ann", "Bob", *HOSTILE])
    bad = {
        "email": BAD_EMAILS,
        "unsubscribed": ["maybe", "2", "ja", "tru"],
        "number": NO_NUMBERS,
        "boolean": ["unsubscribed", "subscribed", "2", "x"],
    }.get(reading, BROKEN)
    empty = 5 if reading == "email" else 40
    # One draw from a long list is much faster than a draw for each decision.
    cells = weighted((130, padded(good)), (empty, BLANKS), (20, bad), (5, BROKEN))
    return cells | texts() if reading in ("text", "string") else cells


def weighted(*parts: tuple[int, Sequence[str]]) -> st.SearchStrategy[str]:
    """Each part's values, as often as its weight says. Hypothesis shrinks towards the first."""
    return st.sampled_from(
        [value for weight, values in parts for value in islice(cycle(values), weight)]
    )


def padded(cells: Sequence[str]) -> list[str]:
    """The cells as they are, and then each with blanks around it."""
    paddings = cycle([(" ", ""), ("", "\u00a0"), ("\t", " "), ("", "\n")])
    return [
        *cells,
        *cells,
        *(left + cell + right for cell, (left, right) in zip(cells, paddings, strict=False)),
    ]


# Text and bytes


@st.composite
def written(draw: st.DrawFn, rows: list[list[str]]) -> str:
    """The rows in some dialect. Quotes are seldom left out, and the last seldom left open."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    line_ends = draw(st.sampled_from([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r")]))
    styles = draw(
        st.sampled_from(
            [("minimal",), ("always",), ("minimal", "always"), ("minimal",) * 9 + ("never",)]
        )
    )
    lines = []
    for number, row in enumerate(rows):
        # Any style only after the first records, so that the header survives.
        style = draw(st.sampled_from(styles)) if number > 2 else "minimal"
        cells = [quoted(cell, delimiter, style) for cell in row]
        lines.append(delimiter.join(cells) + draw(st.sampled_from(line_ends)))
    return draw(ended("".join(lines), delimiter))


def ended(text: str, delimiter: str) -> st.SearchStrategy[str]:
    open_quote = st.sampled_from(["", "x\n", "a@b.co\n\n", delimiter]).map(
        lambda rest: text + '"' + rest
    )
    endings = [st.just(text)] * 14 + [st.just(text.rstrip("\r\n"))] * 4 + [open_quote]
    return st.sampled_from(endings).flatmap(lambda ending: ending)


def quoted(cell: str, delimiter: str, style: str) -> str:
    special = any(character in cell for character in f'{delimiter}"\r\n')
    if style == "never" or (style == "minimal" and not special):
        return cell
    return '"' + cell.replace('"', '""') + '"'


@st.composite
def encoded(draw: st.DrawFn, text: str) -> bytes:
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"])
    )
    if encoding == "utf-8-sig":
        return codecs.BOM_UTF8 + text.encode("utf-8", "surrogateescape")
    if encoding == "utf-8":
        return text.encode("utf-8", "surrogateescape")
    if encoding == "cp1252":
        return b"".join(encode_cp1252(character) for character in text)
    bom = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    odd_byte = draw(st.sampled_from([b""] * 15 + [b"\0"]))
    return bom + text.encode(encoding, "surrogatepass") + odd_byte


def encode_cp1252(character: str) -> bytes:
    try:
        return character.encode("cp1252", "surrogateescape")
    except UnicodeEncodeError:
        return b"?"
