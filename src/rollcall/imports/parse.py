"""Step 3: stored bytes → chunks of raw records. Pure, lazy, and knows no database.

Records are what `csv.reader` yields on the decoded text, because it is `csv.reader` that reads
them, unless they can be split just as well; see `records`. Around it stand two things that it
cannot do: say that the file ended inside a quote, and keep its memory flat when a stray quote
makes one record of the rest of a large file.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rollcall.imports.dialect import Dialect
from rollcall.imports.encoding import ByteCounter, continued, decode_errors
from rollcall.imports.records import ParsedRecords, Records, split_lines

CHUNK_RECORDS = 50_000
# A chunk is never larger than a block and what completes its last record.
BLOCK_CHARACTERS = 1536 * 1024
PIECE_CHARACTERS = 128 * 1024
# A record of more characters than this is not kept. It is read to its end all the same.
MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
LINE_BREAK = re.compile("\r\n|\r|\n")


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


class _OversizedRecord(Exception):
    """Raised through `csv.reader` to take an endless record away from it."""


class _Reader:
    """Records of a text, one part of them at a time."""

    def __init__(self, text: io.TextIOWrapper, dialect: Dialect, offset: int):
        self._blocks = _Blocks(text, ByteCounter(dialect.encoding), offset)
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
            except _OversizedRecord:
                pass
            # Not within `except`, which would keep alive what `csv.reader` has of the record.
            if not ended:
                scanner = _Scanner(self._delimiter)
                code = self._blocks.skip_record(self._line_of_record, scanner)
                yield self._part([code], self._blocks.end)

    def _read_until_oversized(self) -> Iterator[_Part]:
        self._line_of_record = 0
        while text := self._blocks.take():
            split, rest = split_lines(text, self._delimiter, self._width)
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
            for piece in _pieces(text):
                done = self._line_of_record
                lines = list(io.StringIO(piece, newline=""))
                yield from lines
                given += len(lines)
                # What began within the piece is small unless others follow.
                within_record = within_record + len(piece) if self._line_of_record == done else 0
                if within_record > MAX_RECORD_CHARACTERS:
                    raise _OversizedRecord
            if self._line_of_record == given:
                return
            text = self._blocks.take()
        self._ended_in_quotes = True

    def _part(self, failures: list[str], end: int) -> _Part:
        records, self._records = self._records, ParsedRecords()
        return _Part(records=records, failures=failures, end=end)


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of whole lines: Python takes four times a text to make lines of it."""
    start = 0
    while start < len(text):
        line_break = LINE_BREAK.search(text, start + PIECE_CHARACTERS)
        end = line_break.end() if line_break else len(text)
        yield text[start:end]
        start = end


@dataclass(frozen=True)
class _Block:
    text: str
    bytes: int

    @cached_property
    def line_count(self) -> int:
        breaks = self.text.count("\n") + self.text.count("\r") - self.text.count("\r\n")
        return breaks + (not self.text.endswith(("\n", "\r")))

    def after(self, line: int) -> str:
        """Return the text behind its first lines."""
        if line == 0:
            return self.text
        end = next(itertools.islice(LINE_BREAK.finditer(self.text), line - 1, None))
        return self.text[end.end() :]


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

    def take(self) -> str:
        """Return the next whole lines, and hold them; "" at the end.

        Raises:
            _OversizedRecord: a line does not end within what a record may have.
        """
        text = self._next_lines()
        if text:
            self._held.append(_Block(text, self._count_bytes(text)))
        return text

    def let_go(self, rest: str) -> None:
        """Hold nothing but the rest: the records before it are complete. Count lines anew."""
        kept = [_Block(rest, self._count_bytes(rest))] if rest else []
        self._held_from_byte = self.end - sum(block.bytes for block in kept)
        self._held, self._held_from_line = kept, 0

    @property
    def end(self) -> int:
        """The byte of the file behind all blocks."""
        return self._held_from_byte + sum(block.bytes for block in self._held)

    def offset_of(self, line: int) -> int:
        """Return the byte of the file at which the line after `line` begins."""
        return self.end - sum(map(self._count_bytes, self._texts_after(line)))

    def _texts_after(self, line: int) -> list[str]:
        """Return what is held behind a line; let go of the blocks before it."""
        while self._held and self._held_from_line + self._held[0].line_count <= line:
            block = self._held.pop(0)
            self._held_from_line += block.line_count
            self._held_from_byte += block.bytes
        if not self._held:
            return []
        first = self._held[0].after(line - self._held_from_line)
        return [first, *(block.text for block in self._held[1:])]

    def skip_record(self, line: int, scanner: _Scanner) -> str:
        """Read the unfinished record to its end without keeping it; return why it fails.

        What follows is for another reader, so lines are counted anew.
        """
        begun = self._texts_after(line)
        self._held_from_byte = self.end - sum(map(self._count_bytes, begun))
        text = "".join([*begun, *self._tail])
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
