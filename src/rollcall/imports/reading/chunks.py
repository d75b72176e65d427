"""Stored bytes → chunks of raw records. Pure, lazy, and knows no database.

Records are what `csv.reader` yields on the decoded text, because it is `csv.reader` that reads
them, unless they can be split just as well; see `records`. Around it stands what it cannot do: take
a stray quote for what it is, so that it spoils its own record alone and memory stays flat.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.issues import FailureCode, RowWarning, WarningCode
from rollcall.imports.reading.bad_bytes import handler_for
from rollcall.imports.reading.blocks import Block, Blocks
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.encoding import ByteCounter, continued
from rollcall.imports.reading.record_reader import Failed, RecordReader, RecordsRead
from rollcall.imports.reading.records import ParsedRecords, Records
from rollcall.imports.reading.split import split_lines

# A chunk is never larger than a block and what completes its last record.
CHUNK_RECORDS = 50_000
# A record that begins in a line which is not kept.
TOO_LONG: RecordsRead[Records] = RecordsRead(
    ParsedRecords([[]]), [Failed(0, FailureCode.VALUE_TOO_LONG, [])], []
)


@dataclass(frozen=True, kw_only=True)
class StructureFailure:
    """A record that is no record of this file, and what of its cells can be told apart."""

    row: int
    code: FailureCode
    cells: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Chunk:
    """Consecutive records: `records[i]` is row `first_row + i`.

    Those that stand in `failures` have no cells there. `warnings` are of records that may still
    fail. `start` and `resume` are the places before and behind the chunk.
    """

    first_row: int
    last_row: int
    start: Checkpoint
    resume: Checkpoint
    records: Records
    failures: list[StructureFailure] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)


def read_chunks(
    file: io.BufferedReader, dialect: Dialect, *, skip_to_row: int, start: Checkpoint = START
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
        errors=handler_for(dialect.encoding),
        newline="",
    )
    for part in _Reader(text, dialect, start).slices():
        last_row = start.row + len(part.read.records)
        done = max(max(skip_to_row, dialect.header_row) - start.row, 0)
        resume = Checkpoint(last_row, part.end)
        if done < last_row - start.row:
            yield Chunk(
                first_row=start.row + 1 + done,
                last_row=last_row,
                start=start,
                resume=resume,
                records=part.read.records.after(done),
                failures=list(_failures(part, done)),
                warnings=list(_warnings(part, done)),
            )
        start = resume


def _failures(part: _Slice, done: int) -> Iterator[StructureFailure]:
    for position, code, cells in part.read.failed:
        if position >= done:
            yield StructureFailure(row=part.row + 1 + position, code=code, cells=cells)


def _warnings(part: _Slice, done: int) -> Iterator[RowWarning]:
    for position, lines in part.read.many_lines:
        if position >= done:
            row = part.row + 1 + position
            yield RowWarning(row=row, code=WarningCode.MANY_LINES, value=str(lines))


@dataclass(frozen=True, kw_only=True)
class _Slice:
    """Records up to the byte `end`, which are the rows behind `row`."""

    read: RecordsRead[Records]
    row: int
    end: int


class _Reader:
    """Records of a text, one slice of them at a time."""

    def __init__(self, text: io.TextIOWrapper, dialect: Dialect, start: Checkpoint):
        self._count_bytes = ByteCounter(dialect.encoding)
        self._blocks = Blocks(text, self._count_bytes)
        self._rules = dialect.quote_rules
        self._header_row = dialect.header_row
        self._row = start.row
        self._offset = start.offset
        if start == START:
            self._offset = self._count_bytes.mark_size + self._blocks.skip_marks()

    def slices(self) -> Iterator[_Slice]:
        rest = ""
        while block := self._blocks.take(rest):
            if block.is_cut and not rest:
                self._offset += block.size + self._blocks.skip_line()
                yield self._slice(TOO_LONG)
                continue
            preamble = max(self._header_row - self._row, 0)
            split = split_lines(block, self._rules, preamble)
            if split is None:
                rest = yield from self._parse(block, preamble)
                continue
            rest = split.rest
            self._offset += block.size - self._count_bytes(rest)
            # The records have what they need, and it takes a while to map them.
            del block
            yield self._slice(split.read)

    def _parse(self, block: Block, preamble: int) -> Generator[_Slice, None, str]:
        """Yield the records of a block; return what belongs to one that is not complete."""
        reader = RecordReader(block.text, self._rules, is_end=block.is_end, preamble=preamble)
        begin = 0
        may_have_more = True
        while may_have_more:
            may_have_more = reader.read(CHUNK_RECORDS)
            end = reader.offset if may_have_more else reader.rest
            self._offset += self._count_bytes(block.text[begin:end])
            begin = end
            if block.is_cut and not may_have_more:
                self._offset += self._blocks.skip_line()
            records, failed, many_lines = reader.take()
            yield self._slice(RecordsRead(ParsedRecords(records), failed, many_lines))
        return block.text[begin:]

    def _slice(self, read: RecordsRead[Records]) -> _Slice:
        row = self._row
        self._row += len(read.records)
        return _Slice(read=read, row=row, end=self._offset)
