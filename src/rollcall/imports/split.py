"""Whole lines into columns at once, wherever that gives the same cells as `csv.reader`.

A line is plain if it has no quotes, or if each of them is the first or the last character of a
cell and there are no others within it: the cells of such a line stand between delimiters, and
polars finds them in a tenth of the time. All other lines are left to `csv.reader`.
"""

from __future__ import annotations

import copy
import csv
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from rollcall.imports.blocks import ENCODING, Block
from rollcall.imports.records import Traits, cells_of_column

# A short line of a wide file takes up a cell for every column. Files with many of those are left
# to `csv.reader`, whose memory only grows with what is there.
MAX_SPLIT_CELLS = 2_000_000
# Stands in the place of what is not to be read: one cell, and nothing special about it.
MASK = b"x"
NEWLINE, RETURN, SPACE, QUOTE = b'\n\r "'
# How the blanks outside of ASCII begin in UTF-8; other characters may begin like them.
OTHER_BLANKS = {
    b"\xc2": [b"\xc2\x85", b"\xc2\xa0"],
    b"\xe1": [b"\xe1\x9a\x80"],
    b"\xe2": [b"\xe2\x80", b"\xe2\x81\x9f"],
    b"\xe3": [b"\xe3\x80\x80"],
}

Places = npt.NDArray[np.int64]


class Lines:
    """Whole lines as bytes in UTF-8, each with its line feed, and what stands where in them.

    `ends` are the places of the line feeds, `delimiters` tells how many of those a line has, and
    `quotes` are the places of quotation marks. Lone surrogates are encoded as if they were not.
    """

    def __init__(self, data: bytes, delimiter: str):
        self.data = data
        self.delimiter = ord(delimiter)
        characters = self._characters
        # Both in one array, so that one search tells how many delimiters are between two places.
        self._marks = np.flatnonzero((characters == self.delimiter) | (characters == NEWLINE))
        feeds = np.flatnonzero(characters[self._marks] == NEWLINE)
        self.ends: Places = self._marks[feeds]
        self.delimiters: Places = np.diff(feeds, prepend=-1) - 1
        self.quotes = np.flatnonzero(characters == QUOTE) if b'"' in data else np.empty(0, int)

    @property
    def _characters(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.data, np.uint8)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, number: int) -> str:
        """Return a line with its end."""
        return self.data[self.begin(number) : self.begin(number + 1)].decode(*ENCODING)

    def begin(self, number: int) -> int:
        """Return where a line begins, or where the last one ends."""
        return int(self.ends[number - 1]) + 1 if number else 0

    def not_plain(self) -> set[int]:
        """Return the numbers of the lines whose quotes are for `csv.reader` to understand."""
        quotes = self.quotes
        if not len(quotes):
            return set()
        lines = np.searchsorted(self.ends, quotes)
        opens = (np.arange(len(quotes)) - np.searchsorted(lines, lines)) % 2 == 0
        # What stands before an opening quote, and behind a closing one.
        characters = self._characters
        beside = characters[np.where(opens, quotes - 1, quotes + 1)]
        plain = (beside == self.delimiter) | (beside == NEWLINE) | (~opens & (beside == RETURN))
        plain |= quotes == 0
        stays_open = opens & np.append(lines[1:] != lines[:-1], True)
        return set(np.unique(lines[~plain | stays_open]).tolist())

    def longer_than(self, cells: int) -> list[int]:
        """Return the numbers of the lines with more cells than that. All lines are plain."""
        delimiters = self.delimiters
        if len(self.quotes) and (delimiters >= cells).any():
            opening, closing = self.quotes[0::2], self.quotes[1::2]
            quoted = np.searchsorted(self._marks, closing) - np.searchsorted(self._marks, opening)
            delimiters = delimiters.copy()
            np.subtract.at(delimiters, np.searchsorted(self.ends, opening), quoted)
        return list(map(int, np.flatnonzero(delimiters >= cells)))

    def may_have_blank_ends(self) -> bool:
        """Tell whether some cell may begin or end with a blank. All lines are plain."""
        characters = self._characters
        if characters[0] <= SPACE or _has_blanks_beside(characters, self.quotes).any():
            return True
        edges = self._marks
        edges = edges[_has_blanks_beside(characters, edges)]
        # An odd number of quotes before a delimiter means that it is within a cell.
        if (np.searchsorted(self.quotes, edges) % 2 == 0).any():
            return True
        if b"\r" in self.data:
            before = characters[self.ends - 1] == RETURN
            if _is_blank(characters[self.ends[before] - 2]).any():
                return True
        # One byte is looked for at many times the speed of two.
        firsts = (first for first in OTHER_BLANKS if first in self.data)
        return any(blank in self.data for first in firsts for blank in OTHER_BLANKS[first])

    def without(self, masked: list[int], removed: set[int]) -> Lines:
        """Return lines of which some have no cell worth reading and some are not there."""
        data = bytearray(self.data)
        for number in masked:
            begin, end = self.begin(number), int(self.ends[number])
            data[begin:end] = MASK * (end - begin)
        if removed:
            kept = (number for number in range(len(self)) if number not in removed)
            data = bytearray().join(data[self.begin(at) : self.begin(at + 1)] for at in kept)
            return Lines(bytes(data), chr(self.delimiter))
        # All others are where they were.
        lines = copy.copy(self)
        lines.data = bytes(data)
        lines.delimiters = self.delimiters.copy()
        lines.delimiters[masked] = 0
        is_masked = np.zeros(len(self), bool)
        is_masked[masked] = True
        lines.quotes = self.quotes[~is_masked[np.searchsorted(self.ends, self.quotes)]]
        return lines


def _has_blanks_beside(characters: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.bool_]:
    # A line feed before a place is the end of another line, and so it is behind one.
    before, behind = characters[places - 1], characters[np.minimum(places + 1, len(characters) - 1)]
    return _is_blank(before) | _is_blank(behind)


def _is_blank(characters: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    blank: npt.NDArray[np.bool_] = (characters <= SPACE) & (characters != NEWLINE)
    blank &= characters != RETURN
    return blank


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


def split_lines(block: Block, delimiter: str, width: int) -> tuple[SplitRecords | None, str]:
    """Return the records of whole lines, and the text from the first on that is not complete.

    None, and the text as it is, where `csv.reader` is the better way for all of it.
    """
    text = block.text
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return None, text
    lines = Lines(block.utf8 if text.endswith("\n") else block.utf8 + b"\n", delimiter)
    unreadable = np.searchsorted(lines.ends, block.surrogates).tolist()
    special = sorted({*lines.not_plain(), *unreadable})
    if 2 * len(special) > len(lines) or len(lines) * width > MAX_SPLIT_CELLS:
        return None, text
    cells: dict[int, list[str]] = {}
    rest = ""
    if special:
        reader = _SpecialRecords(lines, special, delimiter)
        cells = reader.read()
        if reader.unfinished is not None:
            begin = lines.begin(reader.unfinished)
            rest = block.utf8[begin:].decode(*ENCODING)
            lines = Lines(lines.data[:begin], delimiter)
        if not lines:
            return None, text
        lines = lines.without(reader.masked, reader.continued)
    blank_ends = lines.may_have_blank_ends() or any(
        cell != cell.strip() for record in cells.values() for cell in record
    )
    traits = Traits(nul=b"\0" in block.utf8, blank_ends=blank_ends, unreadable=bool(unreadable))
    return SplitRecords(lines, cells, width, traits), rest


class _SpecialRecords:
    """Has `csv.reader` read the records that begin in special lines.

    `masked` are those lines, `continued` the ones that belong to a record which began before
    them; `unfinished` is the line where a record begins that goes on behind the last line.
    """

    def __init__(self, lines: Lines, special: list[int], delimiter: str):
        self._lines = lines
        self._special = special
        self._delimiter = delimiter
        self._begin = 0
        self._continued_before = 0
        self._at_begin = True
        self.masked: list[int] = []
        self.continued: set[int] = set()
        self.unfinished: int | None = None

    def read(self) -> dict[int, list[str]]:
        """Return the cells of each by the position of its record among all."""
        cells = {}
        for record in csv.reader(self._wanted_lines(), delimiter=self._delimiter):
            if self.unfinished is not None:
                break
            cells[self._begin - self._continued_before] = record
            self.masked.append(self._begin)
            self._at_begin = True
        return cells

    def _wanted_lines(self) -> Iterator[str]:
        """Yield each special line, and those after it for which `csv.reader` asks."""
        for begin in self._special:
            if begin in self.continued:
                continue
            self._begin, self._continued_before = begin, len(self.continued)
            self._at_begin = False
            yield self._lines[begin]
            number = begin
            while not self._at_begin:
                number += 1
                if number == len(self._lines):
                    self.unfinished = begin
                    return
                self.continued.add(number)
                yield self._lines[number]
