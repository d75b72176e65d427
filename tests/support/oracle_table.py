"""The text of a file → its header and the records below it, as the oracle reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from tests.support.oracle_habits import find_blanks, find_escapes, find_said
from tests.support.oracle_reader import Body, Record, Style, read_records

DELIMITERS = (",", ";", "\t", "|")
SEARCHED = 20


@dataclass(frozen=True)
class Table:
    """How a text is read, and its header, None where there is none."""

    text: str
    style: Style
    header: Record | None = None
    body: Body | None = None

    @cached_property
    def records(self) -> list[Record]:
        """Those below the header that are not blank."""
        if self.header is None:
            return []
        records = read_records(self.text, self.style, self.body)
        return [each for each in records if each.row > self.header.row and not each.is_blank]


@dataclass(frozen=True)
class Said:
    """What was said of a file."""

    delimiter: str | None = None
    header_row: int | None = None


def read_table(
    text: str, wanted: Sequence[str], required: Sequence[str], said: Said | None = None
) -> Table:
    """Reads a text with the delimiter that is said, or else under which its header is found.

    That is the one with a header that has all required names; then the one that the first line
    says; then the one with most of the wanted names; then with most cells; then the first.
    """
    said = said or Said()
    in_file = find_said(text)

    def score(table: Table) -> tuple[bool, bool, int, int]:
        names = table.header.names if table.header else []
        found = [name for name in set(wanted) if columns_of(name, names)]
        is_said = table.style.delimiter == in_file
        return has_all(names, required), is_said, len(found), len(names)

    delimiters = [said.delimiter] if said.delimiter else [*filter(None, [in_file]), *DELIMITERS]
    tables = [split_table(text, tried, required, said.header_row) for tried in delimiters]
    if said.header_row is None and any(table.header is None for table in tables):
        return next(table for table in tables if table.header is None)
    return max(tables, key=score)


def split_table(
    text: str, delimiter: str, required: Sequence[str], header_row: int | None
) -> Table:
    escapes = find_escapes(text, delimiter)
    if f"{delimiter} " in text and '"' in text:
        skipping = split_with(text, Style(delimiter, True, escapes), required, header_row)
        if skipping.header and find_blanks(text, skipping.style, skipping.header.row):
            return skipping
    return split_with(text, Style(delimiter, False, escapes), required, header_row)


def split_with(text: str, style: Style, required: Sequence[str], header_row: int | None) -> Table:
    first = 1 if find_said(text) is None else 2
    records = (
        record
        for record in read_records(text, style)
        if not record.is_blank and record.row >= first
    )
    if header_row is None:
        header = find_header(list(islice(records, SEARCHED)), required)
    else:
        header = next((record for record in records if record.row == header_row), None)
    if header is None:
        return Table(text, style)
    address = columns_of(required[0], header.names)
    body = Body(len(header.cells), address[0], header.row) if len(address) == 1 else None
    return Table(text, style, header, body)


def find_header(records: list[Record], required: Sequence[str]) -> Record | None:
    """The first record that has all required names, else the one that comes closest to that."""
    for record in records:
        if has_all(record.names, required):
            return record

    def likeness(record: Record) -> tuple[int, int]:
        letters = {letters_of(name) for name in record.names}
        return (
            sum(bool(columns_of(name, record.names)) for name in required),
            sum(letters_of(name) in letters for name in required),
        )

    return max(records, key=likeness, default=None)


def has_all(names: list[str], required: Sequence[str]) -> bool:
    return all(columns_of(name, names) for name in required)


def columns_of(name: str, names: list[str]) -> list[int]:
    """The columns with a name. One of several with the same name may be called by its number."""
    columns = [index for index, other in enumerate(names) if other == name]
    if columns or not name.endswith(")"):
        return columns
    for shared in {other for other in names if names.count(other) > 1}:
        sharing = [index for index, other in enumerate(names) if other == shared]
        for number, index in enumerate(sharing, start=1):
            if shared and name == f"{shared} ({number})":
                return [index]
    return []


def letters_of(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
