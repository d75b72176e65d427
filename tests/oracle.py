"""What an import means, told one record at a time.

An import has the effect of applying its records one at a time, in file order. This is that
sentence as a program: slow, and made of nothing but `csv.reader` and dictionaries. It shares no
code with the engine, because the engine is compared with it.
"""

import codecs
import csv
import io
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

# csv gives up at 131,072 characters in a cell; by the definition a long cell fails its record only.
csv.field_size_limit(sys.maxsize)

Value = str | int | float | bool
HeaderProblem = Literal["empty_file", "unterminated_header", "missing_column", "duplicate_column"]

HEAD_BYTES = 256 * 1024
BOM = "\ufeff"
DELIMITERS = (",", ";", "\t", "|")
FIELDS = ("email", "first_name", "last_name", "unsubscribed")

MAX_CELL = 10_000
MAX_LOCAL_PART = 64
MAX_EMAIL = 254
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The HTML living standard's e-mail production, its last * a +: at least one dot in the domain.
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+\/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
INTEGER = re.compile(r"([+-]?)([0-9]+)")
TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1", "on"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0", "off"})


@dataclass(frozen=True)
class PropertyMapping:
    column: str
    type: str = "string"


@dataclass(frozen=True)
class ColumnMap:
    email: str = "email"
    first_name: str | None = None
    last_name: str | None = None
    unsubscribed: str | None = None
    properties: Mapping[str, PropertyMapping] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    column_map: ColumnMap | None = None
    on_conflict: Literal["upsert", "skip"] = "upsert"
    segments: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()
    resubscribe: bool = True


@dataclass
class Contact:
    """A stored contact. `version` grows whenever a field's value changes, as `updated_at` moves.

    Memberships do not move it.
    """

    email: str
    first_name: str | None = None
    last_name: str | None = None
    unsubscribed: bool = False
    properties: dict[str, Value] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)
    topics: dict[str, str] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True)
class Failure:
    """`value` is the cell at fault; what cannot be stored of it is replaced, and it is cut."""

    row: int
    column: str | None
    code: str
    value: str | None = None


@dataclass(frozen=True, order=True)
class Warned:
    """Something remarkable about a row that does not fail; `value` is the contact's address."""

    row: int
    code: str
    column: str
    value: str


@dataclass
class Outcome:
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.created + self.updated + self.skipped + self.failed


class HeaderError(Exception):
    """The header cannot be used, so nothing is imported."""

    def __init__(
        self, kind: HeaderProblem, names: Iterable[str] = (), found: Iterable[str] = ()
    ) -> None:
        self.kind = kind
        self.names = tuple(names)
        self.found = tuple(found)
        super().__init__(kind, self.names, self.found)


def run_import(
    data: bytes,
    options: Options,
    contacts: dict[str, Contact],
    *,
    detect_legacy: Callable[[bytes], str] = lambda head: "cp1252",
) -> Outcome:
    """Applies a file to `contacts`, which are by lower-cased e-mail, in order of creation.

    Raises HeaderError with nothing done.
    """
    text = decode(data, detect_legacy)
    records = (
        record
        for record in read_records(text, find_delimiter(text, options))
        if not record.is_blank
    )
    header = next(records, None)
    if header is None:
        raise HeaderError("empty_file")
    if header.unterminated:
        raise HeaderError("unterminated_header")
    columns = locate_columns(header, options)
    reading = Reading(columns, len(header.cells), locate_reason(header, columns))
    email_column = next(column.name for column in columns if column.field == "email")
    outcome = Outcome()
    earlier: set[str] = set()
    for record in records:
        try:
            values = interpret(record, reading)
        except RecordError as error:
            outcome.failed += 1
            outcome.failures.append(error.failure(record.row))
        else:
            for code in find_warnings(values, options, contacts, earlier):
                outcome.warnings.append(Warned(record.row, code, email_column, values.email))
            earlier.add(values.email)
            store(values, options, contacts, outcome)
    return outcome


# File → text


def decode(data: bytes, detect_legacy: Callable[[bytes], str]) -> str:
    """The file's text without its BOM. Bytes that mean nothing become surrogates."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "surrogateescape")
    if data.startswith(codecs.BOM_UTF16_LE):
        return decode_utf16(data[2:], "utf-16-le")
    if data.startswith(codecs.BOM_UTF16_BE):
        return decode_utf16(data[2:], "utf-16-be")
    head = data[:HEAD_BYTES]
    encoding = "utf-8" if looks_like_utf8(head) else detect_legacy(head)
    return data.decode(encoding, "surrogateescape")


def decode_utf16(data: bytes, encoding: str) -> str:
    whole = len(data) // 2 * 2
    # Half a code unit at the end is no character; any lone surrogate says so.
    odd_byte = "\udc80" if whole < len(data) else ""
    return data[:whole].decode(encoding, "surrogatepass") + odd_byte


def looks_like_utf8(head: bytes) -> bool:
    if head.isascii():
        return True
    errors = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal errors
        assert isinstance(error, UnicodeDecodeError)
        errors += 1
        return "", error.end

    codecs.register_error("rollcall_oracle_count", count)
    # An incremental decoder keeps back the sequence that the end of the head has cut off.
    text = codecs.getincrementaldecoder("utf-8")("rollcall_oracle_count").decode(head)
    return sum(character > "\x7f" for character in text) > errors


# Text → records


@dataclass(frozen=True)
class Record:
    row: int
    cells: tuple[str, ...]
    unterminated: bool

    @property
    def is_blank(self) -> bool:
        return not self.unterminated and not any(cell.strip() for cell in self.cells)


def find_delimiter(text: str, options: Options) -> str:
    """The candidate with most of the wanted columns; then with most cells; then the first."""
    wanted = set(wanted_names(options))

    def score(delimiter: str) -> tuple[int, int]:
        header = next(
            (record for record in read_records(text, delimiter) if not record.is_blank), None
        )
        cells = header.cells if header else ()
        return len(wanted & {clean_name(cell) for cell in cells}), len(cells)

    return max(DELIMITERS, key=score)


def read_records(text: str, delimiter: str) -> Iterator[Record]:
    """What `csv.reader` yields, numbered from 1, blank records included.

    The reader asks for another line only while a record is incomplete, and a record is incomplete
    only inside quotes. So a record that it yields after having been told that there are no more
    lines is one whose quote was never closed.
    """
    exhausted = False

    def lines() -> Iterator[str]:
        nonlocal exhausted
        yield from io.StringIO(text, newline="")
        exhausted = True

    for row, cells in enumerate(csv.reader(lines(), delimiter=delimiter), start=1):
        yield Record(row, tuple(cells), unterminated=exhausted)


# Header → columns


@dataclass(frozen=True)
class Column:
    """One thing that is read from a record: a field of the contact, or the property `key`."""

    name: str
    index: int
    field: str
    key: str = ""
    type: str = ""


def locate_columns(header: Record, options: Options) -> list[Column]:
    names = [clean_name(cell) for cell in header.cells]
    wanted = [
        column
        for column in wanted_columns(options)
        if column.name in names or is_required(column, options)
    ]
    missing = [column.name for column in wanted if column.name not in names]
    if missing:
        raise HeaderError("missing_column", dict.fromkeys(missing), names)
    twice = [column.name for column in wanted if names.count(column.name) > 1]
    if twice:
        raise HeaderError("duplicate_column", dict.fromkeys(twice), names)
    return [
        Column(column.name, names.index(column.name), column.field, column.key, column.type)
        for column in wanted
    ]


@dataclass(frozen=True)
class Reading:
    """What is read from each record. `reason_index` is where a failures file has its reasons."""

    columns: list[Column]
    width: int
    reason_index: int | None


def locate_reason(header: Record, columns: list[Column]) -> int | None:
    names = [clean_name(cell) for cell in header.cells]
    own = {"import_row", "import_error"}
    if not own <= set(names) or own & {column.name for column in columns}:
        return None
    return names.index("import_error")


def is_required(column: Column, options: Options) -> bool:
    return options.column_map is not None or column.field == "email"


def wanted_names(options: Options) -> list[str]:
    return [column.name for column in wanted_columns(options)]


def wanted_columns(options: Options) -> list[Column]:
    """The columns to look for, not yet located, in the order in which problems are reported."""
    column_map = options.column_map
    if column_map is None:
        return [Column(name, -1, name) for name in FIELDS]
    mapped = [(name, getattr(column_map, name)) for name in FIELDS]
    fields = [Column(clean_name(column), -1, name) for name, column in mapped if column is not None]
    properties = [
        Column(clean_name(mapping.column), -1, "property", key, mapping.type)
        for key, mapping in column_map.properties.items()
    ]
    return fields + properties


def clean_name(cell: str) -> str:
    return cell.strip().strip(BOM).strip()


# Record → values


@dataclass(frozen=True)
class Values:
    """What a record has to say. Only what has a value is in `fields` and `properties`."""

    email: str
    fields: dict[str, Value]
    properties: dict[str, Value]


class RecordError(Exception):
    def __init__(self, code: str, column: Column | None = None, cell: str = "") -> None:
        self.code = code
        self.column = column.name if column else None
        self.cell = cell
        super().__init__(code, self.column)

    def failure(self, row: int) -> Failure:
        return Failure(row, self.column, self.code, shown(self.cell) or None)


def shown(cell: str) -> str:
    """At most 200 characters, without those that no database can store."""
    cut = cell if len(cell) <= 200 else cell[:199] + "…"
    return "".join(
        "\ufffd" if character == "\0" or "\ud800" <= character <= "\udfff" else character
        for character in cut
    )


def interpret(record: Record, reading: Reading) -> Values:
    """Raises the first RecordError, in the order of the definition."""
    check_structure(record, reading.width)
    cells = [(column, cell_of(record, column)) for column in reading.columns]
    check_still_unreadable(record, cells, reading.reason_index)
    check_characters(cells)
    email = next(parse_email(cell, column) for column, cell in cells if column.field == "email")
    fields: dict[str, Value] = {}
    properties: dict[str, Value] = {}
    for column, cell in cells:
        if column.field == "email" or cell == "":
            continue
        if column.field == "property":
            properties[column.key] = parse_property(cell, column)
        elif column.field == "unsubscribed":
            fields["unsubscribed"] = parse_unsubscribed(cell, column)
        else:
            fields[column.field] = cell
    return Values(email, fields, properties)


def check_structure(record: Record, width: int) -> None:
    if record.unterminated:
        raise RecordError("unterminated_quote")
    surplus = [cell.strip() for cell in record.cells[width:] if cell.strip()]
    if surplus:
        raise RecordError("too_many_cells", cell=surplus[0])


def cell_of(record: Record, column: Column) -> str:
    return record.cells[column.index].strip() if column.index < len(record.cells) else ""


def check_still_unreadable(
    record: Record, cells: list[tuple[Column, str]], reason_index: int | None
) -> None:
    """In a failures file, cells that were unreadable stay so until they are typed again."""
    if reason_index is None or reason_index >= len(record.cells):
        return
    if not record.cells[reason_index].startswith("Unreadable characters in "):
        return
    for column, cell in cells:
        if "\ufffd" in cell or any("\ud800" <= character <= "\udfff" for character in cell):
            raise RecordError("invalid_encoding", column, cell)


def check_characters(cells: list[tuple[Column, str]]) -> None:
    for column, cell in cells:
        if any("\ud800" <= character <= "\udfff" for character in cell):
            raise RecordError("invalid_encoding", column, cell)
    for column, cell in cells:
        if "\0" in cell:
            raise RecordError("invalid_character", column, cell)
    for column, cell in cells:
        if len(cell) > MAX_CELL:
            raise RecordError("value_too_long", column, cell)


def parse_email(cell: str, column: Column) -> str:
    if cell == "":
        raise RecordError("missing_email", column)
    local_part = cell.split("@", maxsplit=1)[0]
    if not EMAIL.fullmatch(cell) or len(local_part) > MAX_LOCAL_PART or len(cell) > MAX_EMAIL:
        raise RecordError("invalid_email", column, cell)
    return cell.lower()


def parse_property(cell: str, column: Column) -> Value:
    if column.type == "number":
        return parse_number(cell, column)
    if column.type == "boolean":
        return parse_boolean(cell, column)
    return cell


def parse_number(cell: str, column: Column) -> int | float:
    if not NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise RecordError("invalid_number", column, cell)
    integer = INTEGER.fullmatch(cell)
    if not integer:
        return float(cell)
    # Python reads at most 4,300 digits, and counts leading zeros.
    return int(integer[1] + (integer[2].lstrip("0") or "0"))


def parse_unsubscribed(cell: str, column: Column) -> bool:
    if cell.lower() in ("unsubscribed", "subscribed"):
        return cell.lower() == "unsubscribed"
    return parse_boolean(cell, column)


def parse_boolean(cell: str, column: Column) -> bool:
    if cell.lower() in TRUE_WORDS:
        return True
    if cell.lower() in FALSE_WORDS:
        return False
    raise RecordError("invalid_boolean", column, cell)


# Values → stored contact


def find_warnings(
    values: Values, options: Options, contacts: dict[str, Contact], earlier: set[str]
) -> Iterator[str]:
    """Yields the codes of what is remarkable about a record before it is stored.

    `earlier` are the addresses of the file's earlier records, without the failed ones.
    """
    if values.email in earlier:
        yield "repeated_email"
    contact = contacts.get(values.email)
    if contact is None or options.on_conflict == "skip":
        return
    if contact.unsubscribed and values.fields.get("unsubscribed") is False:
        yield "resubscribed" if options.resubscribe else "kept_unsubscribed"


def store(values: Values, options: Options, contacts: dict[str, Contact], outcome: Outcome) -> None:
    contact = contacts.get(values.email)
    if contact is None:
        contact = contacts[values.email] = Contact(values.email)
        write(values, contact)
        outcome.created += 1
    elif options.on_conflict == "skip":
        outcome.skipped += 1
        return
    else:
        if contact.unsubscribed and not options.resubscribe:
            values.fields.pop("unsubscribed", None)
        contact.version += write(values, contact)
        outcome.updated += 1
    contact.segments.update(options.segments)
    contact.topics.update(options.topics)


def write(values: Values, contact: Contact) -> bool:
    """Overwrites what has a value; says whether anything differed."""
    changed_fields = {
        name: value
        for name, value in values.fields.items()
        if not same(value, getattr(contact, name))
    }
    changed_properties = {
        key: value
        for key, value in values.properties.items()
        if not same(value, contact.properties.get(key))
    }
    for name, value in changed_fields.items():
        setattr(contact, name, value)
    contact.properties.update(changed_properties)
    return bool(changed_fields or changed_properties)


def same(one: Value, other: Value | None) -> bool:
    """Equality of JSON values: true is not 1, and numbers are compared as written, in decimal."""
    if isinstance(one, bool | str) or isinstance(other, bool | str | None):
        return type(one) is type(other) and one == other
    return Decimal(repr(one)) == Decimal(repr(other))
