"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import enum
import re

from rollcall.imports.formats.refusals import Refused

# As many as every rule below needs; the farthest looks at byte 257.
DETECTION_BYTES = 512


class Kind(enum.Enum):
    """How a file's content is packed."""

    TEXT = "text"
    GZIP = "gzip"
    ZIP = "zip"


GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_UNPACK = "Unpack it and upload the CSV file in it, as it is or as .csv.gz or .zip."
_EXPORT = "Export the table as CSV or .xlsx and upload that."
_SAVE = "Save it as CSV or .xlsx and upload that."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel file (.xls), or an Excel file with a password",
        "Save it as .xlsx without a password, or as CSV, and upload that.",
    ),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", _UNPACK),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"PAR1\x15", "a Parquet file", _EXPORT),
    (b"ARROW1\x00\x00", "an Arrow file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"\x89PNG\r\n\x1a\n", "a picture", _EXPORT),
    (b"\xff\xd8\xff", "a picture", _EXPORT),
    (b"GIF87a", "a picture", _EXPORT),
    (b"GIF89a", "a picture", _EXPORT),
    (b"{\\rtf", "a rich text document", _SAVE),
    (
        b"\xff\xfe\x00\x00",
        "text in UTF-32",
        "Save it as CSV in UTF-8 and upload that.",
    ),
    (
        b"\x00\x00\xfe\xff",
        "text in UTF-32",
        "Save it as CSV in UTF-8 and upload that.",
    ),
)
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")
_TAR = re.compile(rb".{257}ustar[\x00 ]", re.DOTALL)
_MARKUP: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE), "HTML", _SAVE),
    (re.compile(rb"<\?xml\b"), "XML", _SAVE),
    (re.compile(rb"(\[\s*)?\{\s*[\"}]|\[\s*\]"), "JSON", _EXPORT),
    (re.compile(rb"BEGIN:VCARD\b", re.IGNORECASE), "a vCard file", _EXPORT),
)
_LEADING = b"\xef\xbb\xbf \t\r\n"


def detect(head: bytes) -> Kind:
    """Return how the file that begins with `head` is packed.

    Args:
        head: the first `DETECTION_BYTES` of the file, or all of it.

    Raises:
        Refused: it is neither packed in a way that is read here nor text that can be CSV.
    """
    if head.startswith(GZIP):
        return Kind.GZIP
    if head.startswith(ZIP):
        return Kind.ZIP
    for start, what, advice in _SIGNATURES:
        if head.startswith(start):
            raise _refused(what, advice)
    if _BZIP2.match(head):
        raise _refused("a bzip2 archive", _UNPACK)
    if _TAR.match(head):
        raise _refused("a tar archive", _UNPACK)
    if _is_unmarked_utf16(head):
        raise _refused(
            "text in UTF-16 without a byte order mark", "Save it as CSV in UTF-8 and upload that."
        )
    text = head.lstrip(_LEADING)
    for pattern, what, advice in _MARKUP:
        if pattern.match(text):
            raise _refused(what, advice)
    return Kind.TEXT


def check_text(head: bytes, container: str) -> None:
    """Check that what came out of a container is text, and packed no second time.

    Raises:
        Refused: it is something else.
    """
    if detect(head) is not Kind.TEXT:
        raise Refused(
            f"is {container} with another packed file or a workbook in it. Upload that one itself."
        )


def _refused(what: str, advice: str) -> Refused:
    return Refused(f"is {what}, not a CSV file. {advice}")


def _is_unmarked_utf16(head: bytes) -> bool:
    """Tell whether every second byte of most of the head is a NUL, as in Western text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    pairs = len(head) // 2
    nuls = [head[side : pairs * 2 : 2].count(0) for side in (0, 1)]
    return pairs >= 2 and max(nuls) > 0.7 * pairs and min(nuls) < 0.1 * pairs
