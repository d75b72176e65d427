"""The records of a text, as `csv.reader` reads them, but for quotes that are none."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sized
from typing import Generic, NamedTuple, TypeVar

from rollcall.imports.issues import FailureCode
from rollcall.imports.reading import blocks
from rollcall.imports.reading.blocks import LINE_BREAK
from rollcall.imports.reading.quotes import QuoteRules

# A record of more lines deserves a look: few people write so much into a cell.
MANY_LINES = 25
# Lines are made of pieces of a text, which are small where reading has begun anew.
FIRST_PIECE = 1024


R_co = TypeVar("R_co", bound=Sized, covariant=True)
# What `csv.reader` has read.
Cells = list[list[str]]


class Failed(NamedTuple):
    """A record that is no record of its file, and what of it can be told apart."""

    position: int
    code: FailureCode
    cells: list[str]


class RecordsRead(NamedTuple, Generic[R_co]):
    """Records, and what is to be told of some of them, by their positions.

    Those that have `failed` are empty here. `many_lines` has how many lines a record has, if those
    are many.
    """

    records: R_co
    failed: list[Failed]
    many_lines: list[tuple[int, int]]


class RecordReader:
    """Reads the records of a text that begins with one.

    `rest` is where the record begins that goes on behind the text.

    Args:
        text: whole lines, unless it `is_end`.
        rules: of the file.
        is_end: whether nothing comes after the text that has to be known.
        preamble: how many records belong to the header and what stands above it.
    """

    def __init__(self, text: str, rules: QuoteRules, *, is_end: bool, preamble: int = 0):
        self._text = text
        self._rules = rules
        self._is_end = is_end
        self._preamble = preamble
        self.rest = len(text)
        self._start_over()
        # Where a line that some reader has read ends, and which one it is for that reader.
        self._known_offset = self._known_line = 0
        self._line = 0
        self._ends_within_record = False
        self._is_done = False
        # A record may be too long only in a text that is longer.
        self._measures = len(text) > blocks.MAX_RECORD_CHARACTERS
        self._read_from(0)

    def read(self, most: int) -> bool:
        """Read so many records, or all; tell whether there may be more."""
        while not self._is_done and len(self._records) < most:
            self._read_until_judged(most)
        return not self._is_done

    def take(self) -> RecordsRead[Cells]:
        """Return the records that were read since they were taken last."""
        taken = RecordsRead(self._records, self._failed, self._many_lines)
        self._preamble -= len(self._records)
        self._start_over()
        return taken

    def _start_over(self) -> None:
        self._records: Cells = []
        self._failed: list[Failed] = []
        self._many_lines: list[tuple[int, int]] = []

    @property
    def offset(self) -> int:
        """Where the next record begins."""
        return self._offset_of(self._line)

    def _read_until_judged(self, most: int) -> None:
        """Read until some record has to be judged, and that one."""
        records, reader = self._records, self._reader
        for record in reader:
            lines = reader.line_num - self._line
            if lines > 1 or self._measures or self._ends_within_record:
                begin = self._offset_of(self._line)
                end = self._rules.end_of_harmless(self._text, begin)
                if end is None or lines > MANY_LINES or self._ends_within_record:
                    self._judge(record, lines)
                    return
                # The next record is often one of several lines too.
                self._known_offset, self._known_line = end, reader.line_num
            records.append(record)
            self._line += lines
            if len(records) >= most:
                return
        self._is_done = True

    def _judge(self, record: list[str], lines: int) -> None:
        begin = self._offset_of(self._line)
        position = len(self._records)
        judged = self._rules.judge(
            self._text, begin, is_end=self._is_end, in_preamble=position < self._preamble
        )
        if judged is None:
            self.rest, self._is_done = begin, True
            return
        if judged.code is None:
            self._records.append(record)
            self._line += lines
            if lines > MANY_LINES:
                self._many_lines.append((position, lines))
            self._is_done = self._ends_within_record
            return
        self._records.append([])
        cells = self._rules.cells_of(self._text[begin : judged.end], judged.quote)
        self._failed.append(Failed(position, judged.code, cells))
        self._read_from(judged.end)

    def _read_from(self, offset: int) -> None:
        """Begin to read at a place in the text."""
        self._known_offset, self._known_line, self._line = offset, 0, 0
        self._ends_within_record = False
        self._reader = self._rules.syntax.reader(self._lines(offset))

    def _lines(self, begin: int) -> Iterator[str]:
        size, given = FIRST_PIECE, 0
        while begin < len(self._text):
            line_break = LINE_BREAK.search(self._text, begin + size)
            end = line_break.end() if line_break else len(self._text)
            lines = list(io.StringIO(self._text[begin:end], newline=""))
            yield from lines
            given += len(lines)
            begin, size = end, min(4 * size, blocks.PIECE_CHARACTERS)
        # csv.reader asks for more lines than there are within a record, and behind the last one.
        self._ends_within_record = given > self._line

    def _offset_of(self, line: int) -> int:
        """Return where the line after `line` begins."""
        behind = line - self._known_line
        if behind > 0:
            breaks = LINE_BREAK.finditer(self._text, self._known_offset)
            last = next(itertools.islice(breaks, behind - 1, None), None)
            self._known_offset = last.end() if last else len(self._text)
            self._known_line = line
        return self._known_offset
