"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import codecs
import enum
import re

from rollcall.imports.formats.protocol import FileRefused

# As many as every rule below needs: a tar archive is known by its byte 257, what XML is of by its
# first element.
DETECTION_BYTES = 1024


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
_NAMED_XLS = (
    "Many programs export such a file under the name .xls: open it in a spreadsheet program, save"
    " it as .xlsx or CSV and upload that."
)
_OLD_EXCEL = "Save it as .xlsx without a password, or as CSV, and upload that."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel file (.xls), or an Excel file with a password",
        _OLD_EXCEL,
    ),
    # Before version 5 and sometimes later there was no container around the records.
    (b"\x09\x08\x10\x00\x00\x06", "an old Excel file (.xls)", _OLD_EXCEL),
    (b"\x09\x08\x08\x00\x00\x05", "an old Excel file (.xls)", _OLD_EXCEL),
    (b"\x09\x04\x06\x00", "an old Excel file (.xls)", _OLD_EXCEL),
    (b"\x09\x02\x06\x00", "an old Excel file (.xls)", _OLD_EXCEL),
    (b"\x09\x00\x04\x00", "an old Excel file (.xls)", _OLD_EXCEL),
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
    (
        b"\x00\x05\x16\x07",
        "what macOS keeps beside a file (its name begins with ._)",
        "Upload the file of the same name without ._ before it.",
    ),
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
# What may stand before the first element of markup. It is read in one way only, lest a stranger's
# comments be tried in all combinations.
_PROLOG = rb"(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*+"
_HTML = rb"<(!doctype\s+html|html|head|body|title|style|meta|table|thead|tbody|tr)\b"


def _markup(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_MARKUP: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        _markup(rb"<\?xml\b.*(mso-application\s+progid=.Excel|microsoft-com:office:spreadsheet)"),
        "an XML Spreadsheet 2003",
        _NAMED_XLS,
    ),
    (_markup(rb"<\?xml\b.*<office:document\b"), "an OpenDocument file (.fods)", _SAVE),
    (_markup(_PROLOG + _HTML), "HTML, a web page", _NAMED_XLS),
    (_markup(rb"<\?xml\b"), "XML", _SAVE),
    (_markup(rb"(\[\s*)?\{\s*[\"}]|\[\s*\]"), "JSON", _EXPORT),
    (_markup(rb"BEGIN:VCARD\b"), "a vCard file", _EXPORT),
    (_markup(rb"BEGIN:VCALENDAR\b"), "a calendar", _EXPORT),
    (_markup(rb"MIME-Version:\s*\d|X-Document-Type:\s"), "a web archive (.mht)", _NAMED_XLS),
    (_markup(rb"ID;P[^\r\n]*\r?\n(P;P|[BFCEO];|NN;|W;)"), "a SYLK file (.slk)", _SAVE),
    (_markup(rb"TABLE\r?\n0,1\r?\n"), "a DIF file", _SAVE),
    (
        _markup(rb"\[InternetShortcut\]\r?\n"),
        "a shortcut to a web page",
        "Download the table from there as CSV or .xlsx and upload that.",
    ),
    (
        _markup(rb"(data:[^,\r\n]{0,200},)?UEsDB[A-Z0-9+/]{20}"),
        "a workbook or zip archive in Base64",
        "Upload it as binary data.",
    ),
)
# What a script or an editor may have put before a file that it took for text.
LEADING = b"\xef\xbb\xbf \t\r\n"


def detect(head: bytes) -> Kind:
    """Return how the file that begins with `head` is packed.

    Args:
        head: the first `DETECTION_BYTES` of the file, or all of it.

    Raises:
        Refused: it is neither packed in a way that is read here nor text that can be CSV.
    """
    text = head.lstrip(LEADING)
    if text.startswith(GZIP):
        return Kind.GZIP
    if text.startswith(ZIP):
        return Kind.ZIP
    for start, what, advice in _SIGNATURES:
        if head.startswith(start):
            raise _refused(what, advice)
    if _BZIP2.match(head):
        raise _refused("a bzip2 archive", _UNPACK)
    if _TAR.match(head):
        raise _refused("a tar archive", _UNPACK)
    # A script's warnings, or the headers of a form, that were written before a workbook.
    if ZIP[0] in head:
        return Kind.ZIP
    text = _as_ascii(head).lstrip(LEADING)
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
        raise FileRefused(
            f"is {container} with another packed file or a workbook in it. Upload that one itself."
        )


def _as_ascii(head: bytes) -> bytes:
    """Return UTF-16 with a mark as what is searched for; other text as it is."""
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head
    return head.decode("utf-16", "ignore").encode("ascii", "replace")


def _refused(what: str, advice: str) -> FileRefused:
    return FileRefused(f"is {what}, not a CSV file. {advice}")
