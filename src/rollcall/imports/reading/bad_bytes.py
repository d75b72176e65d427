"""What stands in for bytes that a codec of Python does not know.

They become lone surrogates, so that `mapping` can fail the record they stand in and no other. For
single-byte encodings and UTF-8 that is "surrogateescape". Here are the others, with the characters
that Windows and browsers read in them and Python does not.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

UNREADABLE = "\udc80"
LINE_BREAK = re.compile(b"[\r\n]")
# What comes before the first row and the first cell of JIS.
EUC, ISO_2022 = 0xA0, 0x20


def handler_for(encoding: str) -> str:
    """Return the error handler with which a file is decoded."""
    if encoding.startswith("utf-16"):
        return "rollcall-utf16"
    return f"rollcall-{encoding}" if encoding in _MORE else "surrogateescape"


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Stand in for a bad sequence with one lone surrogate."""
    assert isinstance(error, UnicodeDecodeError)
    return UNREADABLE, error.end


def _read_more(read: Callable[[bytes], str]) -> Callable[[UnicodeError], tuple[str, int]]:
    """Return a handler that has read what it can, and stands in for each byte of the rest."""

    def handle(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        pair = error.object[error.start : error.start + 2]
        if text := read(pair):
            return text, error.start + len(pair)
        # A line ends even where half a character should be.
        line_break = LINE_BREAK.search(error.object, error.start + 1, error.end)
        end = line_break.start() if line_break else error.end
        return UNREADABLE * (end - error.start), end

    return handle


def _in_jis(pair: bytes, before: int) -> str:
    """Return a character of the rows that NEC and IBM have added, and Windows with them."""
    row, cell = pair[0] - before, pair[-1] - before
    if len(pair) < 2 or not (1 <= row <= 94 and 1 <= cell <= 94):
        return ""
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    trail = cell + 0x3F + (cell > 63) if row % 2 else cell + 0x9E
    return _decode(bytes((lead, trail)), "cp932")


def _decode(character: bytes, codec: str) -> str:
    """Return one character, or nothing."""
    try:
        return character.decode(codec)
    except UnicodeDecodeError:
        return ""


_MORE: dict[str, Callable[[bytes], str]] = {
    # What Hong Kong has added.
    "cp950": lambda pair: _decode(pair, "big5hkscs"),
    "euc_jp": lambda pair: _in_jis(pair, EUC),
    "iso2022_jp_ext": lambda pair: _in_jis(pair, ISO_2022),
}

codecs.register_error("rollcall-utf16", _stand_in)
for _codec, _read in _MORE.items():
    codecs.register_error(f"rollcall-{_codec}", _read_more(_read))
