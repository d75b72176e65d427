"""What follows from the encoding of a file: where in it a text stood, and what can be stored."""

from __future__ import annotations

import codecs
import re
from functools import cache

from rollcall.imports.encoding_labels import codec_for_label

HEAD_BYTES = 256 * 1024
EVERY_BYTE = bytes(range(256))
MARK = "\ufeff"
# NUL and bytes that could not be read: neither can be stored as text.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def asked_encoding(label: str | None, head: bytes) -> str | None:
    """Return the codec for a file of which somebody says the encoding; None where nobody does.

    As in browsers, a byte order mark is believed before anybody.
    """
    if label is None:
        return None
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return codec_for_label(label)


@cache
def is_exact(encoding: str) -> bool:
    """Tell whether decoded text leads back to its bytes, however bad they were."""
    if encoding.startswith(("utf-16", "iso2022")):
        return False
    if encoding.startswith("utf-8"):
        return True
    # It is where each byte is a character.
    text = EVERY_BYTE.decode(encoding, "surrogateescape")
    return len(text) == 256 and text.encode(encoding, "surrogateescape") == EVERY_BYTE


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
        if text.isascii() and not self._encoding.startswith("utf-16"):
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
