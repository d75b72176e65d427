"""The text of a file, as the oracle reads it."""

import codecs
from collections.abc import Callable

JAPANESE_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I")


def decode(data: bytes, detect_legacy: Callable[[bytes], str], asked: str | None = None) -> str:
    """The file's text without its BOMs. Bytes that mean nothing become surrogates."""
    return decode_all(data, detect_legacy, asked).lstrip("\ufeff")


def decode_all(data: bytes, detect_legacy: Callable[[bytes], str], asked: str | None) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "surrogateescape")
    if data.startswith(codecs.BOM_UTF16_LE):
        return decode_utf16(data[2:], "utf-16-le")
    if data.startswith(codecs.BOM_UTF16_BE):
        return decode_utf16(data[2:], "utf-16-be")
    encoding = asked or unmarked_utf16(data)
    if encoding in ("utf-16-le", "utf-16-be"):
        return decode_utf16(data, encoding)
    if not encoding and data.isascii() and any(escape in data for escape in JAPANESE_ESCAPES):
        encoding = "iso2022_jp_ext"
    encoding = encoding or ("utf-8" if looks_like_utf8(data) else detect_legacy(data))
    return data.decode(encoding, "surrogateescape")


def decode_utf16(data: bytes, encoding: str) -> str:
    whole = len(data) // 2 * 2
    # Half a code unit at the end is no character; any lone surrogate says so.
    odd_byte = "\udc80" if whole < len(data) else ""
    return data[:whole].decode(encoding, "surrogatepass") + odd_byte


def unmarked_utf16(data: bytes) -> str | None:
    """The byte order of a text of which half of most characters is a zero byte."""
    low, high = data[0::2].count(0), data[1::2].count(0)
    if max(low, high) < 4 or max(low, high) < len(data) / 20:
        return None
    if min(low, high) * 4 >= max(low, high):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def looks_like_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    errors = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal errors
        assert isinstance(error, UnicodeDecodeError)
        # A character that the end of the file cuts off is none that is wrong.
        errors += error.reason != "unexpected end of data"
        return "", error.end

    codecs.register_error("rollcall_oracle_count", count)
    text = data.decode("utf-8", "rollcall_oracle_count")
    return sum(character > "\x7f" for character in text) > errors
