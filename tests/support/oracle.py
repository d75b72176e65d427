"""What an import means, told one record at a time.

An import has the effect of applying its records one at a time, in file order. This is that
sentence as a program: slow, and made of nothing but `csv.reader` and dictionaries. It shares no
code with the engine, because the engine is compared with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from tests.support.oracle_cells import (
    Column,
    RecordError,
    TrueWhen,
    Value,
    check_characters,
    parse_email,
    parse_full_name,
    parse_property,
    parse_unsubscribed,
    shown,
)
from tests.support.oracle_outcome import Contact, Failure, Outcome, Warned
from tests.support.oracle_reader import Record, clean_name
from tests.support.oracle_records import cell_of, check_still_unreadable, check_structure
from tests.support.oracle_table import Said, Table, columns_of, read_table
from tests.support.oracle_text import decode

__all__ = ["Contact", "Failure", "Outcome", "Warned"]

HeaderProblem = Literal[
    "empty_file", "no_such_row", "unterminated_header", "missing_column", "duplicate_column"
]

FIELDS = ("email", "first_name", "last_name", "unsubscribed")
MAPPED_FIELDS = ("email", "first_name", "last_name", "full_name", "unsubscribed")


@dataclass(frozen=True)
class PropertyMapping:
    column: str
    type: str = "string"
    decimal: str = "."


@dataclass(frozen=True)
class ColumnMap:
    email: str = "email"
    first_name: str | None = None
    last_name: str | None = None
    unsubscribed: str | None = None
    properties: Mapping[str, PropertyMapping] = field(default_factory=dict)
    full_name: str | None = None
    true_when: TrueWhen = None


@dataclass(frozen=True)
class Options:
    column_map: ColumnMap | None = None
    on_conflict: Literal["upsert", "skip"] = "upsert"
    segments: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()
    resubscribe: bool = True
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None


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
    outcome = Outcome()
    records = read_values(data, options, detect_legacy)
    for _ in apply_records(records, options, contacts, outcome):
        pass
    return outcome


def read_values(
    data: bytes, options: Options, detect_legacy: Callable[[bytes], str]
) -> Iterator[tuple[int, "Values | Failure"]]:
    """Yields each record's row, and what the record says or why it fails. Raises HeaderError."""
    table = open_table(data, options, detect_legacy)
    header = table.header
    if header is None:
        raise HeaderError("empty_file" if options.header_row is None else "no_such_row")
    if header.unterminated:
        raise HeaderError("unterminated_header")
    columns = locate_columns(header, options)
    reading = Reading(columns, len(header.cells), locate_reason(header, columns))
    for record in table.records:
        try:
            yield record.row, interpret(record, reading)
        except RecordError as error:
            yield (
                record.row,
                Failure(record.row, error.column, error.code, shown(error.cell) or None),
            )


def open_table(data: bytes, options: Options, detect_legacy: Callable[[bytes], str]) -> Table:
    """The header of a file, and the records below it."""
    wanted = wanted_names(options)
    required = wanted if options.column_map is not None else ["email"]
    text = decode(data, detect_legacy, options.encoding)
    return read_table(text, wanted, required, Said(options.delimiter, options.header_row))


def apply_records(
    records: Iterable[tuple[int, "Values | Failure"]],
    options: Options,
    contacts: dict[str, Contact],
    outcome: Outcome,
) -> Iterator[int]:
    """Applies one record after the other; yields the row of each when that is done."""
    email_column = wanted_columns(options)[0].name
    earlier: set[str] = set()
    for row, record in records:
        if isinstance(record, Failure):
            outcome.failed += 1
            outcome.rows[row] = "failed"
            outcome.failures.append(record)
        else:
            for code in find_warnings(record, options, contacts, earlier):
                outcome.warnings.append(Warned(row, code, email_column, record.email))
            if record.cleaned is not None:
                cell = shown(record.cleaned)
                outcome.warnings.append(Warned(row, "cleaned_email", email_column, cell))
            earlier.add(record.email)
            outcome.emails[row] = record.email
            outcome.rows[row] = store(row, record, options, contacts, outcome)
        yield row


# Header → columns


def locate_columns(header: Record, options: Options) -> list[Column]:
    names = header.names
    wanted = [
        column
        for column in wanted_columns(options)
        if column.name in names or is_required(column, options)
    ]
    found = {column.name: columns_of(column.name, names) for column in wanted}
    missing = [name for name, indices in found.items() if not indices]
    if missing:
        raise HeaderError("missing_column", missing, names)
    twice = [name for name, indices in found.items() if len(indices) > 1]
    if twice:
        raise HeaderError("duplicate_column", twice, names)
    return [replace(column, index=found[column.name][0]) for column in wanted]


@dataclass(frozen=True)
class Reading:
    """What is read from each record. `reason_index` is where a failures file has its reasons."""

    columns: list[Column]
    width: int
    reason_index: int | None


def locate_reason(header: Record, columns: list[Column]) -> int | None:
    names = header.names
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
    mapped = [(name, getattr(column_map, name)) for name in MAPPED_FIELDS]
    fields = [
        Column(clean_name(column), -1, name, true_when=column_map.true_when)
        for name, column in mapped
        if column is not None
    ]
    properties = [
        Column(clean_name(mapping.column), -1, "property", key, mapping.type, mapping.decimal)
        for key, mapping in column_map.properties.items()
    ]
    return fields + properties


# Record → values


@dataclass(frozen=True)
class Values:
    """What a record has to say. Only what has a value is in `fields` and `properties`."""

    email: str
    fields: dict[str, Value]
    properties: dict[str, Value]
    # The cell of an address that had to be cleaned.
    cleaned: str | None = None


def interpret(record: Record, reading: Reading) -> Values:
    """Raises the first RecordError, in the order of the definition."""
    check_structure(record, reading.width)
    cells = [(column, cell_of(record, column)) for column in reading.columns]
    check_still_unreadable(record, cells, reading.reason_index)
    check_characters(cells)
    email, cleaned = next(
        parse_email(cell, column) for column, cell in cells if column.field == "email"
    )
    fields: dict[str, Value] = {}
    properties: dict[str, Value] = {}
    for column, cell in cells:
        if column.field == "email" or cell == "":
            continue
        if column.field == "property":
            properties[column.key] = parse_property(cell, column)
        elif column.field == "unsubscribed":
            fields["unsubscribed"] = parse_unsubscribed(cell, column)
        elif column.field == "full_name":
            fields.update(parse_full_name(cell))
        else:
            fields[column.field] = cell
    return Values(email, fields, properties, cleaned)


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


def store(
    row: int, values: Values, options: Options, contacts: dict[str, Contact], outcome: Outcome
) -> str:
    """Says what has become of the record."""
    contact = contacts.get(values.email)
    is_new = contact is None
    if contact is None:
        contact = contacts[values.email] = Contact(values.email, created_by=(outcome, row))
        write(values, contact)
        outcome.created += 1
    elif options.on_conflict == "skip":
        outcome.skipped += 1
        return "skipped"
    else:
        if contact.unsubscribed and not options.resubscribe:
            values.fields.pop("unsubscribed", None)
        if write(values, contact):
            contact.version += 1
            contact.changed_by = (outcome, row)
        outcome.updated += 1
    contact.segments.update(options.segments)
    contact.topics.update(options.topics)
    return "created" if is_new else "updated"


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
