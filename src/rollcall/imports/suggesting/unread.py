"""Columns that look like a field of contacts, and were not read. Pure: no database."""

from __future__ import annotations

from dataclasses import replace

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Target
from rollcall.imports.reading.dialect import Dialect, Head
from rollcall.imports.reading.first_records import first_records


def unread_columns(head: Head, dialect: Dialect, column_map: ColumnMap) -> tuple[str, ...]:
    """Return the names of columns that an automatic map would have taken for a field.

    Those of an upload without a map, of which only the fields' own names are read.
    """
    read = set(column_map.columns())
    if read.issuperset(filter(None, dialect.header)):
        # Nothing is left to be looked at, and no language has to be known for it.
        return ()
    known = replace(head, encoding=dialect.encoding, header_row=dialect.header_row)
    records = first_records(known, dialect.delimiter)
    return tuple(
        column.name
        for column in suggest(records, header_row=dialect.header_row - 1).columns
        if column.suggestion is not None
        and column.suggestion.is_taken
        and column.suggestion.target is not Target.PROPERTY
        and column.name not in read
    )
