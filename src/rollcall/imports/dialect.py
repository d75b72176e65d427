"""The head of a file: encoding, delimiter and header, and whether they fit the column map."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap, strip_name
from rollcall.imports.encoding import decode_errors, detect_encoding, storable

DELIMITERS = ",;\t|"
SHOWN_COLUMNS = 50

# The csv module refuses cells of over 128 KiB by default; the definition has its own rule.
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is to be read; `header` are the stripped names, `header_row` counts from 1."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Dialect:
        return cls(**{**value, "header": tuple(value["header"])})


def read_dialect(
    head: bytes, *, complete: bool, wanted: Sequence[str], delimiters: str = DELIMITERS
) -> Dialect:
    """Return the dialect of a file from its first bytes.

    The delimiter is the one under which the header has most of the wanted names; on a tie the
    one that gives most cells, then the first of `delimiters`.

    Args:
        head: the first `HEAD_BYTES` of the file.
        complete: whether that is all of it.
        wanted: the column names that the import will look for.
        delimiters: those that come into question.

    Raises:
        ValidationFailed: there is no header in it.
    """
    encoding = detect_encoding(head)
    text = _decode_head(head, encoding)
    best = max((_read_header(text, d) for d in delimiters), key=lambda h: h.rank(wanted))
    if best.at_end and not complete:
        raise ValidationFailed("The header row of the `file` is longer than 256 KiB.")
    if not best.names:
        raise ValidationFailed("The `file` is empty: it has no header row.")
    if best.unterminated:
        raise ValidationFailed("The header row of the `file` ends inside an open quote.")
    return Dialect(
        encoding=encoding, delimiter=best.delimiter, header=best.names, header_row=best.row
    )


def check_header(dialect: Dialect, column_map: ColumnMap) -> None:
    """Check that every mapped column is in the header, once.

    Raises:
        ValidationFailed: naming the column, and listing the columns found.
    """
    found = _describe(dialect.header)
    if column_map.email not in dialect.header:
        raise ValidationFailed(f'CSV missing required "{column_map.email}" column. Found: {found}')
    for name in column_map.columns():
        if name not in dialect.header:
            raise ValidationFailed(f'CSV missing mapped "{name}" column. Found: {found}')
        if dialect.header.count(name) > 1:
            raise ValidationFailed(f'CSV has the mapped "{name}" column twice. Found: {found}')


@dataclass(frozen=True, kw_only=True)
class _Header:
    delimiter: str
    names: tuple[str, ...] = ()
    row: int = 0
    unterminated: bool = False
    at_end: bool = True

    def rank(self, wanted: Sequence[str]) -> tuple[int, int]:
        return len(set(wanted) & set(self.names)), len(self.names)


def _decode_head(head: bytes, encoding: str) -> str:
    reader = io.TextIOWrapper(
        io.BytesIO(head), encoding=encoding, errors=decode_errors(encoding), newline=""
    )
    return reader.read()


class _Lines:
    """The lines of a text; knows how much was read, and whether more was asked for."""

    def __init__(self, text: str):
        self._lines = io.StringIO(text, newline="")
        self.read = 0
        self.asked_beyond_end = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.asked_beyond_end = True
            raise StopIteration
        self.read += len(line)
        return line


def _read_header(text: str, delimiter: str) -> _Header:
    """Read the first record with content; the reader asks for more lines only inside a quote."""
    lines = _Lines(text)
    for row, record in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
        if any(cell.strip() for cell in record):
            return _Header(
                delimiter=delimiter,
                names=tuple(map(_read_name, record)),
                row=row,
                unterminated=lines.asked_beyond_end,
                at_end=lines.read == len(text),
            )
    return _Header(delimiter=delimiter)


def _read_name(cell: str) -> str:
    return strip_name(storable(cell))


def _describe(header: Sequence[str]) -> str:
    shown = ", ".join(name[:100] for name in header[:SHOWN_COLUMNS])
    more = len(header) - SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown
