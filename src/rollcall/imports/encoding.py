"""Which encoding a file is in, decided from its head.

Bytes that the encoding does not know become lone surrogates ("surrogateescape"), so that
`mapping` can fail the record they stand in and no other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

HEAD_BYTES = 256 * 1024
DEFAULT_LEGACY = "cp1252"
# Enough for statistics about letters, and a bound on what detection may cost.
SAMPLE_BYTES = 32 * 1024
CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
LATIN = {"cp1250", "cp1252", "cp1254"}
# NUL and bytes that could not be read: neither can be stored as text.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MIN_COHERENCE = 0.1
MIN_LETTERS_GAINED = 0.2


def detect_encoding(head: bytes) -> str:
    """Return the Python codec for a file that begins with `head`."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.isascii() or _mostly_utf8(head):
        return "utf-8"
    return detect_legacy(head)


def decode_errors(encoding: str) -> str:
    """Return the error handler that turns bad bytes into lone surrogates."""
    return "rollcall-utf16" if encoding == "utf-16" else "surrogateescape"


def is_exact(encoding: str) -> bool:
    """Tell whether decoded text leads back to its bytes, however bad they were."""
    return encoding in {"utf-8", "utf-8-sig"} or encoding.startswith("cp125")


def continued(encoding: str) -> str:
    """Return the codec for a file that is read from its middle, where no byte order mark is."""
    return "utf-8" if encoding == "utf-8-sig" else encoding


class ByteCounter:
    """Tells how many bytes of a file some decoded text was.

    Exact where the encoding `is_exact`, and close enough to show progress elsewhere.
    `mark_size` is the size of the byte order mark.
    """

    def __init__(self, encoding: str):
        self._encoding = "utf-16-le" if encoding == "utf-16" else continued(encoding)
        self.mark_size = {"utf-8-sig": 3, "utf-16": 2}.get(encoding, 0)

    def __call__(self, text: str) -> int:
        if text.isascii() and self._encoding != "utf-16-le":
            return len(text)
        errors = "surrogateescape" if is_exact(self._encoding) else "replace"
        return len(text.encode(self._encoding, errors))

    def of_encoded(self, text: str, utf8: bytes, surrogates: int) -> int:
        """Return the same for a text that is encoded already, with so many lone surrogates."""
        # Each of them was one byte of the file, and is three here.
        return len(utf8) - 2 * surrogates if self._encoding == "utf-8" else self(text)


def storable(text: str) -> str:
    """Return a text with a replacement character for each that cannot be stored."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def detect_legacy(head: bytes) -> str:
    """Return the most likely legacy codec, Windows-1252 when in doubt.

    Statistics cannot tell the Latin code pages apart on a few names, so among those
    Windows-1252 wins, unless reading as Windows-1250 turns symbols inside names into letters.
    """
    # An API process that meets no such file has no use for the statistics of so many languages.
    from charset_normalizer import from_bytes

    sample = b"\n".join(_lines_with_high_bytes(head))
    matches = from_bytes(sample, cp_isolation=CANDIDATES)
    best = matches.best()
    if best is None or any(match.encoding in LATIN for match in matches):
        gained = _letters(sample, "cp1250") - _letters(sample, DEFAULT_LEGACY)
        return "cp1250" if gained > MIN_LETTERS_GAINED else DEFAULT_LEGACY
    return best.encoding if best.coherence >= MIN_COHERENCE else DEFAULT_LEGACY


def _mostly_utf8(head: bytes) -> bool:
    errors = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal errors
        assert isinstance(error, UnicodeDecodeError)
        errors += 1
        return "", error.end

    codecs.register_error("rollcall-count", count)
    # Not final: a sequence that is cut off by the end of the head says nothing.
    text = codecs.getincrementaldecoder("utf-8")("rollcall-count").decode(head, final=False)
    return len(text) - sum(map(str.isascii, text)) > errors


def _lines_with_high_bytes(head: bytes) -> Iterator[bytes]:
    size = 0
    for line in head.splitlines():
        if not line.isascii():
            yield line
            size += len(line)
            if size > SAMPLE_BYTES:
                return


def _letters(sample: bytes, encoding: str) -> float:
    """Return which part of the non-ASCII characters are letters when read in an encoding."""
    high = [character for character in sample.decode(encoding, "replace") if character > "\x7f"]
    return sum(map(str.isalpha, high)) / max(len(high), 1)


def _escape_utf16(error: UnicodeError) -> tuple[str, int]:
    """Stand in for a bad UTF-16 sequence with one lone surrogate."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udc80", error.end


codecs.register_error("rollcall-utf16", _escape_utf16)
