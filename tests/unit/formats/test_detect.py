"""What a file is taken for by its first bytes."""

from __future__ import annotations

import gzip

import pytest

from rollcall.imports.formats.detect import DETECTION_BYTES, Kind, check_text, detect
from rollcall.imports.formats.refusals import Refused
from tests.workbooks import pack

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
        (b"email,a\0b\n", Kind.TEXT),
        (b"PK,email\n1,a@b.co\n", Kind.TEXT),
        (b"PAR1,email\n1,a@b.co\n", Kind.TEXT),
        (b"BZh,email\n", Kind.TEXT),
        (b"<name>,email\n", Kind.TEXT),
        (b"{name},email\n", Kind.TEXT),
        (b"[1],email\n", Kind.TEXT),
        (gzip.compress(CSV), Kind.GZIP),
        (pack({"a.csv": CSV}), Kind.ZIP),
        (pack({}), Kind.ZIP),
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
        (CSV.decode().encode("utf-16-le"), "text in UTF-16 without a byte order mark"),
        (CSV.decode().encode("utf-16-be"), "text in UTF-16 without a byte order mark"),
        (CSV.decode().encode("utf-32"), "text in UTF-32"),
        (b"\n<!DOCTYPE html>\n<html>", "HTML"),
        (b'<table border="1"><tr>', "HTML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "XML"),
        (b'[\n  {"email": "a@b.co"}', "JSON"),
        (b'{"email": "a@b.co"}\n', "JSON"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "a vCard file"),
    ],
)
def test_what_is_refused_by_name(head: bytes, what: str) -> None:
    with pytest.raises(Refused) as caught:
        detect(head[:DETECTION_BYTES])
    message = str(caught.value)
    assert message.startswith(f"is {what}")
    # What to do is said too.
    assert message.endswith(".")
    assert message.count(". ") >= 1


@pytest.mark.parametrize("inner", [gzip.compress(CSV), pack({"a.csv": CSV})])
def test_what_is_packed_twice(inner: bytes) -> None:
    check_text(CSV, "a gzip file")
    with pytest.raises(Refused, match="a gzip file with another packed file or a workbook in it"):
        check_text(inner, "a gzip file")
