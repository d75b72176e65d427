"""The text of a file in blocks of whole lines, and how many bytes of the file they were."""

from __future__ import annotations

import io
import re
from typing import NamedTuple

from rollcall.imports.reading.encoding import MARK, ByteCounter

BLOCK_CHARACTERS = 1536 * 1024
PIECE_CHARACTERS = 128 * 1024
# A record of more characters than this is not kept, and no further is a closing quote looked for.
MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
# One that has lone surrogates where the file's bytes mean nothing.
ENCODING = "utf-8", "surrogatepass"
SURROGATE = re.compile(b"\xed[\xa0-\xbf]")
LINE_BREAK = re.compile("\r\n|\r|\n")


class Block(NamedTuple):
    """Whole lines as text and in UTF-8, in which lone surrogates stand at the places told.

    `size` are their bytes in the file. Nothing behind a block that `is_end` has to be known to
    understand it: it is the last one, or it `is_cut` within a line that is longer than a record may
    be, and is text alone.
    """

    text: str
    utf8: bytes
    surrogates: list[int]
    size: int
    is_end: bool
    is_cut: bool


class _Lines(NamedTuple):
    text: str
    is_end: bool = False
    is_cut: bool = False


class Blocks:
    """Blocks of whole lines."""

    def __init__(self, text: io.TextIOWrapper, count_bytes: ByteCounter):
        self._text = text
        self._count_bytes = count_bytes
        self._tail: list[str] = []
        self._pushed_back = ""
        self._carriage_return = ""

    def skip_marks(self) -> int:
        """Leave out the byte order marks that a file begins with; return how many bytes they are.

        The codec has taken the first one.
        """
        size = 0
        while not self._pushed_back and (text := self._read_text()):
            self._pushed_back = text.lstrip(MARK)
            size += self._count_bytes(text[: len(text) - len(self._pushed_back)])
        return size

    def take(self, rest: str = "") -> Block | None:
        """Return the next whole lines behind the rest of those before; None when nothing is left.

        Of a line that is longer than a record may be, the rest is for `skip_line`.
        """
        lines = self._next_lines()
        text = rest + lines.text
        if not text:
            return None
        if lines.is_cut:
            return Block(text, b"", [], self._count_bytes(text), is_end=True, is_cut=True)
        utf8 = text.encode(*ENCODING)
        surrogates = [found.start() for found in SURROGATE.finditer(utf8)]
        size = self._count_bytes.of_encoded(text, utf8, len(surrogates))
        return Block(text, utf8, surrogates, size, lines.is_end, is_cut=False)

    def skip_line(self) -> int:
        """Read a line to its end without keeping it; return how many bytes that were."""
        size = 0
        while text := self._read():
            line_break = LINE_BREAK.search(text)
            end = line_break.end() if line_break else len(text)
            size += self._count_bytes(text[:end])
            if line_break:
                self._pushed_back = text[end:]
                break
        return size

    def _next_lines(self) -> _Lines:
        while text := self._read():
            end = max(text.rfind("\n"), text.rfind("\r")) + 1
            self._tail.append(text[:end] if end else text)
            if end:
                lines = self._take_tail()
                self._tail = [text[end:]]
                return _Lines(lines)
            if sum(map(len, self._tail)) > MAX_RECORD_CHARACTERS:
                return _Lines(self._take_tail(), is_end=True, is_cut=True)
        return _Lines(self._take_tail(), is_end=True)

    def _take_tail(self) -> str:
        tail, self._tail = self._tail, []
        return "".join(tail)

    def _read(self) -> str:
        text, self._pushed_back = self._pushed_back, ""
        return text or self._read_text()

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
