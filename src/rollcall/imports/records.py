"""The records of a chunk: those that `csv.reader` has read, and those that a split gives as well.

Where a text has no quote, its records are its lines and their cells stand between delimiters.
Splitting whole columns finds the same cells as `csv.reader` in a quarter of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import polars as pl

# A short line of a wide file takes up a cell for every column. Files with many of those are left
# to `csv.reader`, whose memory only grows with what is there.
MAX_SPLIT_CELLS = 2_000_000


class Records(Protocol):
    """Records in the order of the file; each is a list of cells."""

    def __len__(self) -> int: ...
    def __getitem__(self, position: int) -> list[str]: ...
    def __iter__(self) -> Iterator[list[str]]: ...

    def column(self, index: int) -> pl.Series | list[str]:
        """Return one cell of every record, empty where the record is too short.

        A series has Unicode text only; in a list there may be lone surrogates.
        """

    def wider_than(self, width: int) -> list[int]:
        """Return the positions of the records that have more cells than that."""

    def after(self, count: int) -> Records:
        """Return all records but the first ones."""


class ParsedRecords(list[list[str]]):
    """What `csv.reader` has read."""

    def column(self, index: int) -> list[str]:
        try:
            return [record[index] for record in self]
        except IndexError:
            return [record[index] if index < len(record) else "" for record in self]

    def wider_than(self, width: int) -> list[int]:
        if max(map(len, self), default=0) <= width:
            return []
        return [position for position, record in enumerate(self) if len(record) > width]

    def after(self, count: int) -> ParsedRecords:
        return ParsedRecords(self[count:])


class SplitRecords:
    """Lines without quotes and line breaks; `width` is the number of columns that are wanted."""

    def __init__(self, lines: pl.Series, delimiter: str, width: int):
        self._lines = lines
        self._delimiter = delimiter
        self._width = width

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, position: int) -> list[str]:
        line: str = self._lines[position]
        # An empty line has no cell at all, and neither has it for `csv.reader`.
        return line.split(self._delimiter) if line else []

    def __iter__(self) -> Iterator[list[str]]:
        return (self[position] for position in range(len(self)))

    def column(self, index: int) -> pl.Series:
        return self._columns[index].fill_null("")

    def wider_than(self, width: int) -> list[int]:
        delimiters = self._lines.str.count_matches(self._delimiter, literal=True)
        return (delimiters >= width).arg_true().to_list()

    def after(self, count: int) -> SplitRecords:
        return SplitRecords(self._lines.slice(count), self._delimiter, self._width)

    @cached_property
    def _columns(self) -> list[pl.Series]:
        # At least two parts, so that the split is one.
        parts = self._lines.str.split_exact(self._delimiter, max(self._width - 1, 1))
        return parts.struct.unnest().get_columns()


def split_lines(text: str, delimiter: str, width: int) -> SplitRecords | None:
    """Return the records of whole lines if a split finds them, None if it takes `csv.reader`."""
    if '"' in text:
        return None
    if "\r" in text:
        if text.count("\r") != text.count("\r\n"):
            return None
        text = text.replace("\r\n", "\n")
    lines = text.removesuffix("\n").split("\n")
    if len(lines) * width > MAX_SPLIT_CELLS:
        return None
    try:
        series = pl.Series(lines, dtype=pl.String)
    except UnicodeEncodeError:
        return None
    return SplitRecords(series, delimiter, width)
