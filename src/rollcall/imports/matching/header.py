"""Whether the header of a file has the columns that the column map names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.column_names import ColumnMissing, ColumnRepeated, column_index
from rollcall.imports.reading.dialect import Dialect, Head, HeaderError, read_dialect
from rollcall.wrong_values import make_visible, shorten

SHOWN_COLUMNS = 50
SHOWN_CHARACTERS = 100
ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,250}\.[^\s@.]{2,63}")


def match_header(head: Head, column_map: ColumnMap | None) -> tuple[Dialect, ColumnMap]:
    """Return how a file is to be read, and which of its columns mean what.

    Args:
        head: of the file.
        column_map: what was said of that; if nothing was, the fields' own names are matched.

    Raises:
        HeaderError: there is no header, or not every mapped column is in it, once.
    """
    wanted: Sequence[str] = DEFAULT_FIELDS if column_map is None else list(column_map.columns())
    dialect = read_dialect(head, wanted, DEFAULT_FIELDS[:1] if column_map is None else wanted)
    if column_map is None:
        column_map = ColumnMap.matching(dialect.header)
    check_header(dialect, column_map, said_row=head.header_row)
    if head.from_sheet:
        # All quotes were written here, and are what they should be.
        return dialect, column_map
    address_column = column_index(dialect.header, column_map.email)
    return replace(dialect, address_column=address_column), column_map


def check_header(dialect: Dialect, column_map: ColumnMap, *, said_row: int | None = None) -> None:
    """Check that every mapped column is in the header, once.

    Args:
        dialect: of the file.
        column_map: what is to be read.
        said_row: where the client said that the header is, if it did.

    Raises:
        HeaderError: naming the column, and listing the columns found.
    """
    header = dialect.header
    for name in column_map.columns():
        try:
            column_index(header, name)
        except ColumnMissing:
            raise HeaderError(_describe_missing(dialect, name, column_map, said_row)) from None
        except ColumnRepeated:
            raise HeaderError(_describe_repeated(header, name)) from None


def _describe_missing(
    dialect: Dialect, name: str, column_map: ColumnMap, said_row: int | None
) -> str:
    is_wanted = "required" if name == column_map.email else "mapped"
    hints = [f'CSV missing {is_wanted} "{_show(name)}" column.']
    if any(ADDRESS.fullmatch(cell) for cell in dialect.header):
        hints.append(
            f"Row {dialect.header_row} has an e-mail address in it, so it is no header: above the"
            " table there has to be a row with the names of its columns."
        )
    elif said_row is not None:
        hints.append(f"It is not in row {said_row}, which `header_row` says.")
    elif dialect.header_row > 1:
        hints.append(f"Row {dialect.header_row} comes closest to a header that has it.")
    return " ".join([*hints, f"Found: {describe_columns(dialect.header)}"])


def _describe_repeated(header: Sequence[str], name: str) -> str:
    times = "twice" if header.count(name) == 2 else f"{header.count(name)} times"
    return (
        f'CSV has the mapped "{_show(name)}" column {times}. Found: {describe_columns(header)}.'
        f' Say which is meant in the `column_map`: "{_show(name)} (1)" is the first of them.'
    )


def describe_columns(header: Sequence[str]) -> str:
    """Return the names of a header for a message, as many as one can read."""
    shown = ", ".join(map(_show, header[:SHOWN_COLUMNS]))
    more = len(header) - SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown


def _show(name: str) -> str:
    return shorten(make_visible(name), SHOWN_CHARACTERS)
