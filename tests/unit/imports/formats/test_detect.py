"""What a file is taken for by its first bytes."""

from __future__ import annotations

import base64
import gzip

import pytest

from rollcall.imports.formats.detect import DETECTION_BYTES, Kind, check_text, detect
from rollcall.imports.formats.protocol import FileRefused
from tests.support.workbooks import pack

CSV = b"email,name\nada@example.com,Ada\n"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", Kind.TEXT),
        (b"e", Kind.TEXT),
        (CSV, Kind.TEXT),
        (b"\xef\xbb\xbf" + CSV, Kind.TEXT),
        (CSV.decode().encode("utf-16"), Kind.TEXT),
        (b"\xfe\xff" + CSV.decode().encode("utf-16-be"), Kind.TEXT),
        (CSV.decode().encode("utf-16-le"), Kind.TEXT),
        (CSV.decode().encode("utf-16-be"), Kind.TEXT),
        (b"email,a\0b\n", Kind.TEXT),
        (b"PK,email\n1,a@b.co\n", Kind.TEXT),
        (b"PAR1,email\n1,a@b.co\n", Kind.TEXT),
        (b"BZh,email\n", Kind.TEXT),
        (b"<name>,email\n", Kind.TEXT),
        (b"{name},email\n", Kind.TEXT),
        (b"[1],email\n", Kind.TEXT),
        (b"ID;Prenom;email\n1;Ada;a@b.co\n", Kind.TEXT),
        (b"TABLE\nemail\na@b.co\n", Kind.TEXT),
        (b"<br />\n<b>Warning</b>: in /x.php\nemail\n", Kind.TEXT),
        (b"\tmail\temail\n", Kind.TEXT),
        (b"<!---->" * 200, Kind.TEXT),
        (b"\xef\xbb\xbf\n" + gzip.compress(CSV), Kind.GZIP),
        (gzip.compress(CSV), Kind.GZIP),
        (pack({"a.csv": CSV}), Kind.ZIP),
        (pack({}), Kind.ZIP),
        (b"\xef\xbb\xbf" + pack({"a.csv": CSV}), Kind.ZIP),
        (b"\r\n\t " + pack({"a.csv": CSV}), Kind.ZIP),
        (b"<br />\n<b>Notice</b>: x in /a.php on line 3<br />\n" + pack({"a": CSV}), Kind.ZIP),
    ],
)
def test_what_is_read(head: bytes, kind: Kind) -> None:
    assert detect(head[:DETECTION_BYTES]) is kind


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "an old Excel file (.xls), or an Excel file"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7-Zip archive"),
        (b"\xfd7zXZ\x00\x00", "an xz archive"),
        (b"BZh91AY&SY\x00", "a bzip2 archive"),
        (b"\x28\xb5\x2f\xfd\x04", "a Zstandard archive"),
        (b"contacts.csv".ljust(257, b"\0") + b"ustar\x0000", "a tar archive"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PAR1\x15\x04\x15", "a Parquet file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"{\\rtf1\\ansi", "a rich text document"),
        (CSV.decode().encode("utf-32"), "text in UTF-32"),
        (b"\n<!DOCTYPE html>\n<html>", "HTML"),
        (b'<table border="1"><tr>', "HTML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "XML"),
        (b'[\n  {"email": "a@b.co"}', "JSON"),
        (b'{"email": "a@b.co"}\n', "JSON"),
        (b"<?xml version='1.0'?>\n<!-- made -->\n<html xmlns='http://www.w3.org'>", "HTML"),
        (b"<!--[if mso]>x<![endif]-->\r\n<TABLE>", "HTML"),
        ("\ufeff<html><table>".encode("utf-16-le"), "HTML"),
        (b"\xef\xbb\xbf\r\n <style>td{mso-number-format:'@'}</style><table>", "HTML"),
        (
            b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n<Workbook',
            "an XML Spreadsheet 2003",
        ),
        (
            b"<?xml version='1.0'?><w xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>",
            "an XML Spreadsheet 2003",
        ),
        (
            '\ufeff<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:'
            'spreadsheet">'.encode("utf-16-be"),
            "an XML Spreadsheet 2003",
        ),
        (b'<?xml version="1.0"?>\n<office:document office:version="1.2">', "an OpenDocument file"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "a web archive (.mht)"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a SYLK file"),
        (b"ID;PSCALC3\nB;Y2;X3\n", "a SYLK file"),
        (b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "a DIF file"),
        (b"[InternetShortcut]\r\nURL=https://example.com\r\n", "a shortcut"),
        (b"BEGIN:VCALENDAR\r\n", "a calendar"),
        (base64.b64encode(pack({"a.csv": CSV})), "a workbook or zip archive in Base64"),
        (b"data:text/csv;base64," + base64.b64encode(pack({"a": CSV})), "a workbook or zip arch"),
        (b"a.xlsx".ljust(257, b"\0") + b"ustar\x0000" + bytes(248) + pack({}), "a tar archive"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00\xbb\x0d", "an old Excel file (.xls)"),
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "an old Excel file (.xls)"),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "what macOS keeps beside a file"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "a vCard file"),
    ],
)
def test_what_is_refused_by_name(head: bytes, what: str) -> None:
    with pytest.raises(FileRefused) as caught:
        detect(head[:DETECTION_BYTES])
    message = str(caught.value)
    assert message.startswith(f"is {what}")
    # What to do is said too.
    assert message.endswith(".")
    assert message.count(". ") >= 1


@pytest.mark.parametrize("inner", [gzip.compress(CSV), pack({"a.csv": CSV})])
def test_what_is_packed_twice(inner: bytes) -> None:
    check_text(CSV, "a gzip file")
    with pytest.raises(
        FileRefused, match="a gzip file with another packed file or a workbook in it"
    ):
        check_text(inner, "a gzip file")
