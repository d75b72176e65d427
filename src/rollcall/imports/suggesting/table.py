"""The first records of a file whose delimiter and header nobody has said. Pure: no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rollcall.imports.matching.cell_kinds import has_address
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Suggestions
from rollcall.imports.reading.dialect import Head
from rollcall.imports.reading.first_records import first_records
from rollcall.imports.reading.header_search import read_name


@dataclass(frozen=True, kw_only=True)
class Table:
    """The records that a file begins with, and what their columns seem to be by themselves.

    `head` has the delimiter and the row of the header that were found.
    """

    head: Head
    records: Sequence[Sequence[str]]
    suggestions: Suggestions

    @property
    def header(self) -> list[str]:
        """The names in the header; none where there is no header."""
        if self.suggestions.header_row is None:
            return []
        return [read_name(cell) for cell in self.records[self.suggestions.header_row]]


def read_table(head: Head) -> Table:
    """Return the table that a file is under the delimiter that makes most sense of it.

    That is the one under which there is a column of addresses, then one under which an address
    stands in a cell of its own, as in a table without a header, then the one that gives most
    columns.
    """
    return max((_read(head, delimiter) for delimiter in head.possible_delimiters), key=_sense)


def _read(head: Head, delimiter: str) -> Table:
    table = _read_below(head, delimiter)
    row = table.suggestions.header_row
    if head.header_row is not None or row is None:
        return table
    settled = replace(table.head, header_row=row + 1)
    # The header tells how the cells below it are written, and a preamble does not.
    return replace(table, head=settled) if row == 0 else _read_below(settled, delimiter)


def _read_below(head: Head, delimiter: str) -> Table:
    records = first_records(head, delimiter)
    said = None if head.header_row is None else head.header_row - 1
    return Table(
        head=replace(head, delimiters=delimiter),
        records=records,
        suggestions=suggest(records, header_row=said),
    )


def _sense(table: Table) -> tuple[bool, bool, int]:
    suggestions = table.suggestions
    if suggestions.header_row is None:
        # A cell with delimiters in it may look like an address in some words.
        return False, _has_addresses(table), max(map(len, table.records), default=0)
    return suggestions.has_email, _has_addresses(table), len(suggestions.columns)


def _has_addresses(table: Table) -> bool:
    return any(has_address(cell) for record in table.records for cell in record)
