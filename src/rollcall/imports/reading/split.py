"""Whole lines into columns at once, wherever that gives the same cells as `csv.reader`.

A line is plain if it has no quotes, or if each of them is the first or the last character of a
cell and there are no others within it: the cells of such a line stand between delimiters, and
polars finds them in a tenth of the time. All other lines are left to `csv.reader`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from rollcall.imports.reading import blocks
from rollcall.imports.reading.blocks import ENCODING, Block
from rollcall.imports.reading.lines import Lines
from rollcall.imports.reading.quotes import Judged, QuoteRules
from rollcall.imports.reading.record_reader import MANY_LINES, Failed, RecordsRead
from rollcall.imports.reading.records import Traits, cells_of_column
from rollcall.text import strip_cell

# A short line of a wide file takes up a cell for every column. Files with many of those are left
# to `csv.reader`, whose memory only grows with what is there.
MAX_SPLIT_CELLS = 2_000_000


class SplitRecords:
    """Records of plain lines, and the cells of all others by their positions.

    Args:
        lines: one for each record; what those with cells of their own are does not matter.
        cells: of the records that are not plain.
        width: the number of columns of the file.
        traits: what may stand in the cells.
    """

    def __init__(self, lines: Lines, cells: dict[int, list[str]], width: int, traits: Traits):
        self._lines = lines
        self._cells = cells
        self._delimiter = chr(lines.delimiter)
        self._width = width
        self.traits = traits

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, position: int) -> list[str]:
        if position in self._cells:
            return self._cells[position]
        line = self._lines[position].rstrip("\r\n")
        if '"' in line:
            return next(csv.reader([line], delimiter=self._delimiter))
        # An empty line has no cell at all, and neither has it for `csv.reader`.
        return line.split(self._delimiter) if line else []

    def __iter__(self) -> Iterator[list[str]]:
        return (self[position] for position in range(len(self)))

    def columns(self, indices: Sequence[int]) -> list[pl.Series]:
        # A file of one column has a second one here: polars passes over empty lines else.
        names = [str(index) for index in range(max(self._width, 2))]
        header = self._delimiter.join(names).encode() + b"\n"
        frame = pl.read_csv(
            header + self._lines.data,
            columns=sorted(set(indices)),
            separator=self._delimiter,
            infer_schema=False,
            truncate_ragged_lines=True,
        )
        assert frame.height == len(self), "polars takes other lines for records"
        columns = [frame[names[index]] for index in indices]
        if not self._cells:
            return columns
        positions, records = list(self._cells), list(self._cells.values())
        return [
            column.scatter(positions, cells_of_column(records, index))
            for index, column in zip(indices, columns, strict=True)
        ]

    def wider_than(self, width: int) -> list[int]:
        wide = self._lines.longer_than(width)
        wide += [position for position, record in self._cells.items() if len(record) > width]
        return sorted(wide)

    def after(self, count: int) -> SplitRecords:
        if count == 0:
            return self
        cells = {at - count: record for at, record in self._cells.items() if at >= count}
        rest = self._lines.data[self._lines.begin(count) :]
        return SplitRecords(Lines(rest, self._delimiter), cells, self._width, self.traits)


class Split(NamedTuple):
    """The records of a block, and the text from the first on that is not complete."""

    read: RecordsRead[SplitRecords]
    rest: str


def split_lines(block: Block, rules: QuoteRules, preamble: int) -> Split | None:
    """Return the records of whole lines; None where `csv.reader` is the better way for all of them.

    Args:
        block: begins with a record.
        rules: of the file.
        preamble: how many records belong to the header and what stands above it.
    """
    if not _can_be_split(block, rules):
        return None
    text = block.text
    delimiter = rules.syntax.delimiter
    lines = Lines(block.utf8 if text.endswith("\n") else block.utf8 + b"\n", delimiter)
    unreadable = np.searchsorted(lines.ends, block.surrogates).tolist()
    special = sorted({*lines.not_plain(), *unreadable})
    if 2 * len(special) > len(lines) or len(lines) * rules.width > MAX_SPLIT_CELLS:
        return None
    found = _SpecialRecords()
    rest = ""
    if special:
        found = _Special(lines, rules, is_end=block.is_end, preamble=preamble).read(special)
        if found.unfinished is not None:
            begin = lines.begin(found.unfinished)
            rest = block.utf8[begin:].decode(*ENCODING)
            lines = Lines(lines.data[:begin], delimiter)
        if not lines:
            return None
        lines = lines.without(found.masked, found.continued)
    blank_ends = lines.may_have_blank_ends() or any(
        cell != strip_cell(cell) for record in found.cells.values() for cell in record
    )
    traits = Traits(
        nul=b"\0" in block.utf8,
        blank_ends=blank_ends,
        unreadable=bool(unreadable),
        formulas=b"=" in block.utf8 and b'="' in block.utf8,
    )
    records = SplitRecords(lines, found.cells, rules.width, traits)
    return Split(RecordsRead(records, found.failed, found.many_lines), rest)


def _can_be_split(block: Block, rules: QuoteRules) -> bool:
    text = block.text
    if not rules.syntax.is_plain or block.is_cut or len(text) > blocks.MAX_RECORD_CHARACTERS:
        return False
    return "\r" not in text or text.count("\r") == text.count("\r\n")


@dataclass
class _SpecialRecords:
    """Records that begin in special lines, as `csv.reader` reads them.

    `cells` are theirs by their positions among all records. They begin in the lines `masked`, and
    go on in those of `continued`. At the line `unfinished` begins one that goes on behind the last
    line. `failed` and `many_lines` are those of `RecordsRead`.
    """

    cells: dict[int, list[str]] = field(default_factory=dict)
    masked: list[int] = field(default_factory=list)
    continued: set[int] = field(default_factory=set)
    unfinished: int | None = None
    failed: list[Failed] = field(default_factory=list)
    many_lines: list[tuple[int, int]] = field(default_factory=list)


class _Cursor(Iterator[str]):
    """Gives lines from the one of a `number` on, which is then that of the line behind.

    It is beyond the last line when more lines were wanted than there are.
    """

    def __init__(self, lines: Lines):
        self._lines = lines
        self._count = len(lines)
        self.number = 0

    def __next__(self) -> str:
        number = self.number
        self.number = number + 1
        if number >= self._count:
            raise StopIteration
        return self._lines[number]


class _Special:
    """Reads the records that begin in special lines."""

    def __init__(self, lines: Lines, rules: QuoteRules, *, is_end: bool, preamble: int):
        self._lines = lines
        self._rules = rules
        self._is_end = is_end
        self._preamble = preamble
        self._cursor = _Cursor(lines)
        self._found = _SpecialRecords()

    def read(self, special: list[int]) -> _SpecialRecords:
        found, cursor = self._found, self._cursor
        reader = self._rules.syntax.reader(cursor)
        for begin in special:
            if begin < cursor.number:
                # It belongs to the record before.
                continue
            cursor.number = begin
            # This takes as many lines as the record has.
            record = next(reader)
            position = begin - len(found.continued)
            if cursor.number > begin + 1:
                judged = self._judge(begin, position)
                if judged is None:
                    found.unfinished = begin
                    break
                record = record if judged.code is None else []
            found.cells[position] = record
            found.masked.append(begin)
        return found

    def _judge(self, begin: int, position: int) -> Judged | None:
        """Judge a record in several lines, and put the cursor behind it."""
        found, cursor = self._found, self._cursor
        text = self._lines.text(begin, min(cursor.number, len(self._lines)))
        judged = self._rules.judge(
            text, 0, is_end=self._is_end, in_preamble=position < self._preamble
        )
        if judged is None:
            return None
        count = text.count("\n", 0, judged.end)
        found.continued.update(range(begin + 1, begin + count))
        if judged.code is not None:
            cells = self._rules.cells_of(text[: judged.end], judged.quote)
            found.failed.append(Failed(position, judged.code, cells))
        elif count > MANY_LINES:
            found.many_lines.append((position, count))
        cursor.number = begin + count
        return judged
