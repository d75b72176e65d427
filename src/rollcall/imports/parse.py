"""Step 3: stored bytes → chunks of raw records. Pure, lazy, and knows no database.

Records are what `csv.reader` yields on the decoded text, because it is `csv.reader` that reads
them, unless they can be split just as well; see `records`. Around it stand two things that it
cannot do: say that the file ended inside a quote, and keep its memory flat when a stray quote
makes one record of the rest of a large file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from rollcall.imports import blocks
from rollcall.imports.blocks import Blocks, OversizedRecord
from rollcall.imports.dialect import Dialect
from rollcall.imports.encoding import ByteCounter, continued, decode_errors
from rollcall.imports.records import ParsedRecords, Records
from rollcall.imports.scanner import Scanner
from rollcall.imports.split import split_lines

# A chunk is never larger than a block and what completes its last record.
CHUNK_RECORDS = 50_000


@dataclass(frozen=True)
class Place:
    """A byte of the file at which a record begins, and the number of the row before it."""

    row: int
    offset: int


START = Place(row=0, offset=0)


@dataclass(frozen=True, kw_only=True)
class StructureFailure:
    """A record that is no record of this file, whatever its cells say."""

    row: int
    code: str


@dataclass(kw_only=True)
class Chunk:
    """Consecutive records: `records[i]` is row `first_row + i`.

    `last_row` may be beyond the records: a record that was not kept has its row number too,
    and stands in `failures`. `start` and `resume` are the places before and behind the chunk.
    """

    first_row: int
    last_row: int
    start: Place
    resume: Place
    records: Records
    failures: list[StructureFailure] = field(default_factory=list)


def read_chunks(
    file: io.BufferedReader, dialect: Dialect, *, skip_to_row: int, start: Place = START
) -> Iterator[Chunk]:
    """Yield all records after a row, in order, some thousands at a time.

    Args:
        file: the stored file from `start` on, read as a stream.
        dialect: what `read_dialect` found.
        skip_to_row: the last row that is done already; the header's row at least.
        start: where the file was opened; its start, unless the encoding `is_exact`.
    """
    text = io.TextIOWrapper(
        file,
        encoding=dialect.encoding if start == START else continued(dialect.encoding),
        errors=decode_errors(dialect.encoding),
        newline="",
    )
    for part in _Reader(text, dialect, start.offset).parts():
        last_row = start.row + len(part.records) + len(part.failures)
        done = max(max(skip_to_row, dialect.header_row) - start.row, 0)
        resume = Place(last_row, part.end)
        if done < last_row - start.row:
            yield Chunk(
                first_row=start.row + 1 + done,
                last_row=last_row,
                start=start,
                resume=resume,
                records=part.records.after(done),
                failures=[StructureFailure(row=last_row, code=code) for code in part.failures],
            )
        start = resume


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Records, then the codes of those that were not kept, up to the byte `end`."""

    records: Records
    failures: list[str]
    end: int


class _Reader:
    """Records of a text, one part of them at a time."""

    def __init__(self, text: io.TextIOWrapper, dialect: Dialect, offset: int):
        self._blocks = Blocks(text, ByteCounter(dialect.encoding), offset)
        self._delimiter = dialect.delimiter
        self._width = len(dialect.header)
        self._records = ParsedRecords()
        self._line_of_record = 0
        self._ended_in_quotes = False

    def parts(self) -> Iterator[_Part]:
        ended = False
        while not ended:
            try:
                yield from self._read_until_oversized()
                ended = True
            except OversizedRecord:
                pass
            # Not within `except`, which would keep alive what `csv.reader` has of the record.
            if not ended:
                scanner = Scanner(self._delimiter)
                code = self._blocks.skip_record(self._line_of_record, scanner)
                yield self._part([code], self._blocks.end)

    def _read_until_oversized(self) -> Iterator[_Part]:
        self._line_of_record = 0
        while block := self._blocks.take():
            split, rest = split_lines(block, self._delimiter, self._width)
            self._blocks.let_go(rest)
            if split is not None:
                yield _Part(records=split, failures=[], end=self._blocks.offset_of(0))
            if rest:
                yield from self._parse(rest)
                self._blocks.let_go("")
            self._line_of_record = 0

    def _parse(self, text: str) -> Iterator[_Part]:
        """Read a block and as much of those after it as its last record needs."""
        reader = csv.reader(self._lines(text), delimiter=self._delimiter)
        for record in reader:
            # csv.reader asks for another line only inside a quote: a record that comes after the
            # lines have run out is what stood behind a quote that never closed.
            if self._ended_in_quotes:
                yield self._part(["unterminated_quote"], self._blocks.end)
                return
            self._records.append(record)
            self._line_of_record = reader.line_num
            if len(self._records) >= CHUNK_RECORDS:
                yield self._part([], self._blocks.offset_of(self._line_of_record))
        yield self._part([], self._blocks.end)

    def _lines(self, text: str) -> Iterator[str]:
        """Yield the lines of a text, and of those after it while `csv.reader` is in a record."""
        given = within_record = 0
        while text:
            for piece in blocks.pieces(text):
                done = self._line_of_record
                lines = list(io.StringIO(piece, newline=""))
                yield from lines
                given += len(lines)
                # What began within the piece is small unless others follow.
                within_record = within_record + len(piece) if self._line_of_record == done else 0
                if within_record > blocks.MAX_RECORD_CHARACTERS:
                    raise OversizedRecord
            if self._line_of_record == given:
                return
            block = self._blocks.take()
            text = block.text if block else ""
        self._ended_in_quotes = True

    def _part(self, failures: list[str], end: int) -> _Part:
        records, self._records = self._records, ParsedRecords()
        return _Part(records=records, failures=failures, end=end)
