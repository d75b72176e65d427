"""Hypothesis strategies for imports: stored contacts, and the files that are then imported."""

import copy
import re
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from tests.support.cell_strategies import BLANKS, EMAILS, LONG, cells_of, texts
from tests.support.oracle import ColumnMap, Contact, Options, PropertyMapping
from tests.support.oracle_cells import Value, strip
from tests.support.written_csv import encoded, written

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
    lead = draw(st.lists(st.sampled_from([[], [" "], ["", "\u00a0"], ["\u200b"]]), max_size=2))
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
    full_name = draw(st.sampled_from([None, None, None, next(names)]))
    parts = [None] if full_name else [None, next(names)]
    return ColumnMap(
        email=draw(st.sampled_from(["email", next(names)])),
        first_name=draw(st.sampled_from(parts)),
        last_name=draw(st.sampled_from([None if full_name else next(names)])),
        full_name=full_name,
        unsubscribed=draw(st.sampled_from([None, next(names)])),
        true_when=draw(st.sampled_from([None, None, "not_empty", (" YES", "opted out", "straße")])),
        properties={
            key: PropertyMapping(
                next(names),
                PROPERTY_TYPES[key],
                draw(st.sampled_from([".", ","])) if PROPERTY_TYPES[key] == "number" else ".",
            )
            for key in keys
        },
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
        column_map.full_name: "full_name",
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
    cells = [cells_of(reading.get(strip(name), "other")) for name in header]
    whole = st.tuples(*cells).map(list)
    cut = st.tuples(whole, st.integers(0, len(cells))).map(lambda pair: pair[0][: pair[1]])
    long = st.tuples(
        whole, st.lists(st.sampled_from([*BLANKS, "x", "\0", "\udcff"]), max_size=3)
    ).map(lambda pair: pair[0] + pair[1])
    blank = st.lists(st.sampled_from(BLANKS), max_size=len(cells) + 2)
    stray = st.lists(st.text(st.sampled_from('",;|\t\r\n a\\'), max_size=6), max_size=4)
    kinds = [whole] * 20 + [cut, cut, long, blank, blank, stray]
    return st.sampled_from(kinds).flatmap(lambda kind: kind)
