"""Some of the lines of a file that have bytes above 127, to find out in which encoding they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The first lines make up this much; as much again is spread over the rest of the file.
SAMPLE_BYTES = 64 * 1024
SPREAD_PIECES = 32
PIECE_BYTES = SAMPLE_BYTES // SPREAD_PIECES
# Of a longer line only a part around its first byte above 127.
MAX_LINE_BYTES = 2048
BYTES_BEFORE = 256
_SLICE_BYTES = 1024
_HIGH = re.compile(rb"[\x80-\xff]")
_LINE_BREAK = re.compile(rb"[\r\n]")
# Never the second byte of a character that begins with one above 127, so a text can end there.
_BETWEEN_CHARACTERS = re.compile(rb"[\x00-\x2f][^\x00-\x2f]*\Z")


class LineSample:
    """A bounded sample that depends on the bytes alone, if they come in blocks of one size."""

    def __init__(self) -> None:
        self._first: list[bytes] = []
        self._room = SAMPLE_BYTES
        self._pieces: list[bytes] = []
        self._stride = 1
        self._blocks = 0
        # The beginning of a line that goes on in the next block.
        self._tail = b""

    def add(self, block: bytes, *, has_bad: bool) -> None:
        """Look at the next block; take lines of it if it has anything that is no UTF-8."""
        if not has_bad and self._tail.isascii():
            self._tail = block[max(block.rfind(b"\n"), block.rfind(b"\r")) + 1 :]
            return
        data = self._tail + block
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not end and len(data) > SAMPLE_BYTES:
            end = len(data)
        self._tail = data[end:]
        self._add_lines(data[:end])

    def lines(self) -> list[bytes]:
        """Return the sample, and what has no line break behind it."""
        return [*self._first, *self._pieces, *_high_lines(self._tail)]

    def _add_lines(self, data: bytes) -> None:
        if data.isascii():
            return
        lines = _high_lines(data)
        if self._room > 0:
            for line in lines:
                self._first.append(line)
                self._room -= len(line)
                if self._room <= 0:
                    return
        else:
            self._spread(lines)

    def _spread(self, lines: Iterator[bytes]) -> None:
        """Keep something of every so many blocks, of fewer and fewer as they become more."""
        if self._blocks % self._stride == 0:
            self._pieces.append(b"\n".join(_up_to(lines, PIECE_BYTES)))
            if len(self._pieces) > SPREAD_PIECES:
                del self._pieces[1::2]
                self._stride *= 2
        self._blocks += 1


def _high_lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines that have bytes above 127."""
    position = 0
    while (high := _find_high(data, position)) is not None:
        begin = max(data.rfind(b"\n", position, high), data.rfind(b"\r", position, high)) + 1
        line_break = _LINE_BREAK.search(data, high)
        end = line_break.start() if line_break else len(data)
        yield _shorten(data[max(begin, position, high - BYTES_BEFORE) : end])
        position = end


def _find_high(data: bytes, position: int) -> int | None:
    # To ask of a slice whether it is ASCII is much faster than to search in it.
    for begin in range(position, len(data), _SLICE_BYTES):
        if not data[begin : begin + _SLICE_BYTES].isascii():
            found = _HIGH.search(data, begin)
            assert found
            return found.start()
    return None


def _shorten(line: bytes) -> bytes:
    if len(line) <= MAX_LINE_BYTES:
        return line
    line = line[:MAX_LINE_BYTES]
    end = _BETWEEN_CHARACTERS.search(line, BYTES_BEFORE)
    return line[: end.start()] if end else line


def _up_to(lines: Iterator[bytes], size: int) -> Iterator[bytes]:
    for line in lines:
        yield line
        size -= len(line)
        if size <= 0:
            return
