"""What speaks for an encoding, gathered from a whole file as it passes by.

A list that is sorted by country has its first accent late, so the head of a file is not enough.
Each upload has evidence of its own: nothing here is shared.
"""

from __future__ import annotations

import codecs

from rollcall.imports.reading.legacy import detect_legacy
from rollcall.imports.reading.line_sample import LineSample

# All that is found out depends on the file alone, and not on how it was cut on its way.
BLOCK_BYTES = 64 * 1024
# So many more of one kind than of the other, and the rest of a file is not looked at.
SETTLED = 20_000
# Text in UTF-16 without a mark has zeros on one side; those on the other are of characters like the
# ideographic space.
MIN_ZEROS = 4
MIN_ZEROS_SHARE = 0.05
MAX_MISPLACED = 0.25
_HIGH = bytes(range(128, 256))
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# How ISO-2022-JP begins what is no ASCII.
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I")


def detect_encoding(head: bytes, *, complete: bool = False) -> str:
    """Return the codec for a file of which only its head is known; `complete` if that is all."""
    evidence = Evidence()
    evidence.feed(head)
    return evidence.encoding(complete=complete)


class Evidence:
    """What speaks for an encoding; is fed with all of a file, in chunks of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._first: bytes | None = None
        self._has_escapes = False
        # Multi-byte sequences that are valid UTF-8, and bytes that belong to none.
        self._good = self._bad = 0
        # The beginning of a sequence that goes on in the next block.
        self._pending = b""
        self._sample = LineSample()

    def feed(self, data: bytes) -> None:
        """Look at the next bytes of the file."""
        if self._is_settled_utf8():
            return
        self._buffer += data
        while len(self._buffer) >= BLOCK_BYTES:
            with memoryview(self._buffer) as buffer:
                block = bytes(buffer[:BLOCK_BYTES])
            del self._buffer[:BLOCK_BYTES]
            self._look_at(block)

    def encoding(self, *, complete: bool = True) -> str:
        """Return the Python codec for the file.

        Args:
            complete: whether a sequence that is cut off at the end was not written in whole.
        """
        self._look_at(bytes(self._buffer))
        self._buffer.clear()
        if encoding := _unicode_encoding(self._first or b""):
            return encoding
        # A sequence that is cut off at the end is one that was begun.
        if self._good > self._bad:
            return "utf-8"
        lines = self._sample.lines()
        if lines and not (self._bad == 0 and not complete):
            return detect_legacy(lines, mac_lines=_has_mac_lines(self._first or b""))
        return "iso2022_jp_ext" if self._has_escapes else "utf-8"

    def _look_at(self, block: bytes) -> None:
        if self._first is None:
            self._first = block
        if b"\x1b" in block and not self._has_escapes:
            self._has_escapes = any(escape in block for escape in _ESCAPES)
        has_bad = self._bad - self._good > SETTLED or self._count(block)
        self._sample.add(block, has_bad=has_bad)

    def _is_settled_utf8(self) -> bool:
        return self._good - self._bad > SETTLED

    def _count(self, block: bytes) -> bool:
        """Count what is UTF-8 and what is not; tell whether there is anything that may not be."""
        if block.isascii() and not self._pending:
            return False
        data = self._pending + block
        # Not final: what is cut off by the end of the block says nothing yet.
        text, length = codecs.utf_8_decode(data, "replace", False)
        data, self._pending = data[:length], data[length:]
        bad = text.count(_REPLACEMENT)
        if bad:
            # Those that are written in the file are no errors of it.
            bad -= data.count(_REPLACEMENT.encode())
        self._bad += bad
        self._good += len(text) - len(data.translate(None, _HIGH)) - bad
        return bad > 0 or bool(self._pending)


def _has_mac_lines(head: bytes) -> bool:
    return b"\r" in head and b"\n" not in head


def _unicode_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark or zero bytes tell of, if there are any."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(MIN_ZEROS, MIN_ZEROS_SHARE * len(head)):
        return None
    if even < MAX_MISPLACED * odd:
        return "utf-16-le"
    return "utf-16-be" if odd < MAX_MISPLACED * even else None
