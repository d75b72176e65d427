"""Step 3: stored bytes → chunks of raw records. Pure, lazy, and knows no database.

Records are what `csv.reader` yields on the decoded text, because it is `csv.reader` that reads
them. Around it stand two things that it cannot do: say that the file ended inside a quote, and
keep its memory flat when a stray quote makes one record of the rest of a large file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rollcall.imports.dialect import Dialect
from rollcall.imports.encoding import ByteCounter, continued, decode_errors

CHUNK_RECORDS = 20_000
# Characters after which a chunk ends early, so that wide records do not make large chunks.
CHUNK_CHARACTERS = 4 * 1024 * 1024
BLOCK_CHARACTERS = 512 * 1024
# A record of more characters than this is not kept. It is read to its end all the same.
MAX_RECORD_CHARACTERS = 4 * 1024 * 1024


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
    records: list[list[str]]
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
                records=part.records[done:],
                failures=[StructureFailure(row=last_row, code=code) for code in part.failures],
            )
        start = resume


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Records, then the codes of those that were not kept, up to the byte `end`."""

    records: list[list[str]]
    failures: list[str]
    end: int


class _OversizedRecord(Exception):
    """Raised through `csv.reader` to take an endless record away from it."""


class _Reader:
    """`csv.reader` over blocks of lines, one part of the records at a time."""

    def __init__(self, text: io.TextIOWrapper, dialect: Dialect, offset: int):
        self._blocks = _Blocks(text, ByteCounter(dialect.encoding), offset)
        self._delimiter = dialect.delimiter
        self._records: list[list[str]] = []
        self._line_of_record = 0
        self._records_at_end: int | None = None

    def parts(self) -> Iterator[_Part]:
        more = True
        while more:
            try:
                yield from self._read_until_oversized()
                more = False
            except _OversizedRecord:
                scanner = _Scanner(self._delimiter)
                code = self._blocks.skip_record(self._line_of_record, scanner)
                yield self._take([code], end=self._blocks.offset_of(0))

    def _read_until_oversized(self) -> Iterator[_Part]:
        self._line_of_record = 0
        reader = csv.reader(self._lines(), delimiter=self._delimiter)
        start = self._blocks.characters
        for record in reader:
            self._records.append(record)
            self._line_of_record = reader.line_num
            full = (
                len(self._records) >= CHUNK_RECORDS
                or self._blocks.characters - start > CHUNK_CHARACTERS
            )
            if full and self._records_at_end is None:
                start = self._blocks.characters
                yield self._take([], end=self._blocks.offset_of(self._line_of_record))
        yield self._take_last()

    def _take(self, failures: list[str], end: int) -> _Part:
        records, self._records = self._records, []
        return _Part(records=records, failures=failures, end=end)

    def _take_last(self) -> _Part:
        end = self._blocks.offset_of(self._line_of_record)
        # csv.reader asks for another line only inside a quote: a record that came after the
        # lines had run out is what stood behind a quote that never closed.
        if self._records_at_end is not None and len(self._records) > self._records_at_end:
            self._records.pop()
            return self._take(["unterminated_quote"], end)
        return self._take([], end)

    def _lines(self) -> Iterator[str]:
        for lines in self._blocks.lines():
            yield from lines
            if self._blocks.held_characters(self._line_of_record) > MAX_RECORD_CHARACTERS:
                raise _OversizedRecord
        self._records_at_end = len(self._records)


@dataclass(frozen=True)
class _Block:
    lines: list[str]
    characters: int
    bytes: int


class _Blocks:
    """Blocks of whole lines; holds those that may still belong to an unfinished record.

    Lines are counted as `csv.reader` does: from the first line that a reader has been given.
    """

    def __init__(self, text: io.TextIOWrapper, count_bytes: ByteCounter, offset: int):
        self._text = text
        self._count_bytes = count_bytes
        self._tail: list[str] = []
        self._pushed_back = ""
        self._carriage_return = ""
        self._held: list[_Block] = []
        self._held_from_line = 0
        self._held_from_byte = max(offset, count_bytes.mark_size)
        self.characters = 0

    def lines(self) -> Iterator[list[str]]:
        """Yield lists of whole lines.

        Raises:
            _OversizedRecord: a line does not end within what a record may have.
        """
        while text := self._next_lines():
            lines = list(io.StringIO(text, newline=""))
            self._held.append(_Block(lines, len(text), self._count_bytes(text)))
            yield lines

    def held_characters(self, line: int) -> int:
        """Return the size of the blocks after `line`; let go of those that end before it."""
        while self._held and self._held_from_line + len(self._held[0].lines) <= line:
            block = self._held.pop(0)
            self._held_from_line += len(block.lines)
            self._held_from_byte += block.bytes
        # What began within the first block is small unless other blocks follow.
        return sum(block.characters for block in self._held[1:])

    def offset_of(self, line: int) -> int:
        """Return the byte of the file at which the line after `line` begins."""
        self.held_characters(line)
        begun = self._held[0].lines[: line - self._held_from_line] if self._held else []
        return self._held_from_byte + self._count_bytes("".join(begun))

    def skip_record(self, line: int, scanner: _Scanner) -> str:
        """Read the unfinished record to its end without keeping it; return why it fails.

        What follows is for another reader, so lines are counted anew.
        """
        self._held_from_byte = self.offset_of(line)
        held = [text for block in self._held for text in block.lines]
        text = "".join(held[line - self._held_from_line :] + self._tail)
        self._tail, self._held, self._held_from_line = [], [], 0
        while text:
            end = scanner.find_end(text)
            self._held_from_byte += self._count_bytes(text[:end])
            if end is not None:
                self._pushed_back = text[end:]
                return "value_too_long"
            text = self._read()
        return "unterminated_quote" if scanner.in_quotes else "value_too_long"

    def _next_lines(self) -> str:
        while block := self._read():
            end = max(block.rfind("\n"), block.rfind("\r")) + 1
            self._tail.append(block[:end] if end else block)
            if end:
                text = "".join(self._tail)
                self._tail = [block[end:]]
                return text
            if sum(map(len, self._tail)) > MAX_RECORD_CHARACTERS:
                raise _OversizedRecord
        text = "".join(self._tail)
        self._tail = []
        return text

    def _read(self) -> str:
        block, self._pushed_back = self._pushed_back, ""
        return block or self._read_text()

    def _read_text(self) -> str:
        while text := self._text.read(BLOCK_CHARACTERS):
            self.characters += len(text)
            text = self._carriage_return + text
            # A CR and its LF belong together, so a CR waits for what follows it.
            end = len(text) - text.endswith("\r")
            self._carriage_return = text[end:]
            if end:
                return text[:end]
        text, self._carriage_return = self._carriage_return, ""
        return text


class _Scanner:
    """The states of `csv.reader` without the cells: finds where a record ends."""

    def __init__(self, delimiter: str):
        self._delimiter = delimiter
        self._end_of_field = re.compile(f"[{re.escape(delimiter)}\r\n]")
        self._state = self._start_of_field

    @property
    def in_quotes(self) -> bool:
        return self._state == self._in_quotes

    def find_end(self, text: str) -> int | None:
        """Return where the record ends in this piece of text; None when it goes on after it."""
        position = 0
        while position < len(text):
            position = self._state(text, position)
            if self._state == self._ended:
                return position + text.startswith("\r\n", position - 1)
        return None

    def _start_of_field(self, text: str, position: int) -> int:
        character = text[position]
        if character == '"':
            self._state = self._in_quotes
        elif character == self._delimiter:
            self._state = self._start_of_field
        elif character in "\r\n":
            self._state = self._ended
        else:
            self._state = self._in_field
        return position + 1

    def _in_field(self, text: str, position: int) -> int:
        match = self._end_of_field.search(text, position)
        if match is None:
            return len(text)
        is_delimiter = match.group() == self._delimiter
        self._state = self._start_of_field if is_delimiter else self._ended
        return match.end()

    def _in_quotes(self, text: str, position: int) -> int:
        quote = text.find('"', position)
        if quote < 0:
            return len(text)
        # A second quote puts one into the cell; all else goes on as at the start of a field.
        self._state = self._start_of_field
        return quote + 1

    def _ended(self, text: str, position: int) -> int:
        raise AssertionError("the record has ended")
