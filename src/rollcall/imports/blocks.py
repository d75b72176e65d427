"""The text of a file in blocks of whole lines, and the byte at which each line begins."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rollcall.imports.encoding import ByteCounter
from rollcall.imports.scanner import Scanner

BLOCK_CHARACTERS = 1536 * 1024
PIECE_CHARACTERS = 128 * 1024
# A record of more characters than this is not kept. It is read to its end all the same.
MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
# One that has lone surrogates where the file's bytes mean nothing.
ENCODING = "utf-8", "surrogatepass"
SURROGATE = re.compile(b"\xed[\xa0-\xbf]")
LINE_BREAK = re.compile("\r\n|\r|\n")


class OversizedRecord(Exception):
    """Raised through `csv.reader` to take an endless record away from it."""


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of whole lines: Python takes four times a text to make lines of it."""
    start = 0
    while start < len(text):
        line_break = LINE_BREAK.search(text, start + PIECE_CHARACTERS)
        end = line_break.end() if line_break else len(text)
        yield text[start:end]
        start = end


class Block(NamedTuple):
    """Whole lines as text and in UTF-8, in which lone surrogates stand at the places told."""

    text: str
    utf8: bytes
    surrogates: list[int]


@dataclass(frozen=True)
class _Held:
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


class Blocks:
    """Blocks of whole lines; holds those that may still belong to an unfinished record.

    Lines are counted as `csv.reader` does: from the first line that a reader has been given.
    """

    def __init__(self, text: io.TextIOWrapper, count_bytes: ByteCounter, offset: int):
        self._text = text
        self._count_bytes = count_bytes
        self._tail: list[str] = []
        self._pushed_back = ""
        self._carriage_return = ""
        self._held: list[_Held] = []
        self._held_from_line = 0
        self._held_from_byte = max(offset, count_bytes.mark_size)

    def take(self) -> Block | None:
        """Return the next whole lines, and hold them; None at the end.

        Raises:
            OversizedRecord: a line does not end within what a record may have.
        """
        text = self._next_lines()
        if not text:
            return None
        utf8 = text.encode(*ENCODING)
        surrogates = [found.start() for found in SURROGATE.finditer(utf8)]
        size = self._count_bytes.of_encoded(text, utf8, len(surrogates))
        self._held.append(_Held(text, size))
        return Block(text, utf8, surrogates)

    def let_go(self, rest: str) -> None:
        """Hold nothing but the rest: the records before it are complete. Count lines anew."""
        kept = [_Held(rest, self._count_bytes(rest))] if rest else []
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

    def skip_record(self, line: int, scanner: Scanner) -> str:
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
                raise OversizedRecord
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
