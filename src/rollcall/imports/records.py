"""The records of a chunk: those that `csv.reader` has read, and those that a split gives as well.

A line without a quote that begins at the end of another record is a record, and its cells stand
between delimiters. Splitting whole columns of such lines finds the same cells as `csv.reader` in
a quarter of the time; the lines among them that have quotes are left to it.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Protocol

import polars as pl

# A short line of a wide file takes up a cell for every column. Files with many of those are left
# to `csv.reader`, whose memory only grows with what is there.
MAX_SPLIT_CELLS = 2_000_000
# Where a cell has bytes that mean nothing in the file's encoding, a column has this instead.
UNREADABLE = "\ufffd\x00unreadable"
SURROGATE = re.compile("[\ud800-\udfff]")


class Records(Protocol):
    """Records in the order of the file; each is a list of cells."""

    def __len__(self) -> int: ...
    def __getitem__(self, position: int) -> list[str]: ...
    def __iter__(self) -> Iterator[list[str]]: ...

    def column(self, index: int) -> pl.Series:
        """Return one cell of every record: "" where it is too short, UNREADABLE where it is."""

    def wider_than(self, width: int) -> list[int]:
        """Return the positions of the records that have more cells than that."""

    def after(self, count: int) -> Records:
        """Return all records but the first ones."""


class ParsedRecords(list[list[str]]):
    """What `csv.reader` has read."""

    def column(self, index: int) -> pl.Series:
        try:
            cells = [record[index] for record in self]
        except IndexError:
            cells = [record[index] if index < len(record) else "" for record in self]
        return _series(cells)

    def wider_than(self, width: int) -> list[int]:
        if max(map(len, self), default=0) <= width:
            return []
        return [position for position, record in enumerate(self) if len(record) > width]

    def after(self, count: int) -> ParsedRecords:
        return ParsedRecords(self[count:])


class SplitRecords:
    """Lines to be split, and by their positions the cells of those that cannot be.

    Args:
        lines: one for each record; those with cells of their own are empty.
        cells: of the records that are not split.
        delimiter: between the cells of a line.
        width: the number of columns that are wanted.
    """

    def __init__(self, lines: pl.Series, cells: dict[int, list[str]], delimiter: str, width: int):
        self._lines = lines
        self._cells = cells
        self._delimiter = delimiter
        self._width = width

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, position: int) -> list[str]:
        if position in self._cells:
            return self._cells[position]
        line: str = self._lines[position]
        # An empty line has no cell at all, and neither has it for `csv.reader`.
        return line.split(self._delimiter) if line else []

    def __iter__(self) -> Iterator[list[str]]:
        return (self[position] for position in range(len(self)))

    def column(self, index: int) -> pl.Series:
        column = self._columns[index].fill_null("")
        if not self._cells:
            return column
        if index >= len(self._parsed_columns):
            return column.scatter(list(self._cells), "")
        return column.scatter(list(self._cells), _series(self._parsed_columns[index]))

    def wider_than(self, width: int) -> list[int]:
        delimiters = self._lines.str.count_matches(self._delimiter, literal=True)
        wide = (delimiters >= width).arg_true().to_list()
        wide += [position for position, record in self._cells.items() if len(record) > width]
        return sorted(wide)

    def after(self, count: int) -> SplitRecords:
        kept = [(at - count, record) for at, record in self._cells.items() if at >= count]
        return SplitRecords(self._lines.slice(count), dict(kept), self._delimiter, self._width)

    @cached_property
    def _parsed_columns(self) -> list[tuple[str, ...]]:
        return list(itertools.zip_longest(*self._cells.values(), fillvalue=""))

    @cached_property
    def _columns(self) -> list[pl.Series]:
        # At least two parts, so that the split is one.
        parts = self._lines.str.split_exact(self._delimiter, max(self._width - 1, 1))
        return parts.struct.unnest().get_columns()


def split_lines(text: str, delimiter: str, width: int) -> tuple[SplitRecords | None, str]:
    """Return the records of whole lines, and the text from the first on that is not complete.

    None, and the text as it is, where `csv.reader` is the better way for all of it.
    """
    if text.count("\r") != text.count("\r\n"):
        return None, text
    lines = text.removesuffix("\n").split("\n")
    special = sorted({*_quoted(text, lines), *_unreadable(text)})
    if 2 * len(special) > len(lines) or len(lines) * width > MAX_SPLIT_CELLS:
        return None, text
    reader = _SpecialRecords(lines, special, delimiter)
    cells = reader.read()
    rest = ""
    if reader.unfinished is not None:
        rest = "\n".join(lines[reader.unfinished :]) + "\n" * text.endswith("\n")
        del lines[reader.unfinished :]
    if not lines:
        return None, text
    if reader.continued:
        lines = [line for number, line in enumerate(lines) if number not in reader.continued]
    for position in cells:
        lines[position] = ""
    series = pl.Series(lines, dtype=pl.String).str.strip_suffix("\r")
    return SplitRecords(series, cells, delimiter, width), rest


def _quoted(text: str, lines: list[str]) -> list[int]:
    """Return the numbers of the lines with a quote."""
    return [number for number, line in enumerate(lines) if '"' in line] if '"' in text else []


def _unreadable(text: str) -> set[int]:
    """Return the numbers of the lines with a lone surrogate, which no series can hold."""
    found: list[int] = []

    def note(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeEncodeError)
        found.append(error.start)
        return "", error.end

    codecs.register_error("rollcall-note", note)
    text.encode(errors="rollcall-note")
    if not found:
        return set()
    numbers, line, start = set(), 0, 0
    for place in found:
        line += text.count("\n", start, place)
        start = place
        numbers.add(line)
    return numbers


class _SpecialRecords:
    """Has `csv.reader` read the records that begin in special lines, as those with quotes.

    `continued` are the lines that belong to a record which began before them; `unfinished` is the
    line where a record begins that goes on behind the last line.
    """

    def __init__(self, lines: list[str], special: list[int], delimiter: str):
        self._lines = lines
        self._special = special
        self._delimiter = delimiter
        self._begin = 0
        self._continued_before = 0
        self._at_begin = True
        self.continued: set[int] = set()
        self.unfinished: int | None = None

    def read(self) -> dict[int, list[str]]:
        """Return the cells of each by the position of its record among all."""
        cells = {}
        for record in csv.reader(self._wanted_lines(), delimiter=self._delimiter):
            if self.unfinished is not None:
                break
            cells[self._begin - self._continued_before] = record
            self._at_begin = True
        return cells

    def _wanted_lines(self) -> Iterator[str]:
        """Yield each special line, and those after it for which `csv.reader` asks."""
        for begin in self._special:
            if begin in self.continued:
                continue
            self._begin, self._continued_before = begin, len(self.continued)
            self._at_begin = False
            yield self._lines[begin] + "\n"
            number = begin
            while not self._at_begin:
                number += 1
                if number == len(self._lines):
                    self.unfinished = begin
                    return
                self.continued.add(number)
                yield self._lines[number] + "\n"


def _series(cells: Sequence[str]) -> pl.Series:
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        readable = [UNREADABLE if SURROGATE.search(cell) else cell for cell in cells]
        return pl.Series(readable, dtype=pl.String)
