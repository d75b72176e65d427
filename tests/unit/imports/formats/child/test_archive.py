"""Zips become CSV; what is wrong with them is said."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from rollcall.imports.formats.child.__main__ import DAMAGED
from rollcall.imports.formats.protocol import AS_IT_IS, FileCutOff, FileRefused, FileTooLarge
from tests.support import workbooks
from tests.support.conversions import convert
from tests.support.workbooks import pack, text_rows, workbook

CSV = b"email;name\r\nada@example.com;Ada\r\n"


@pytest.mark.parametrize(
    "files",
    [
        {"contacts.csv": CSV},
        {"no extension": CSV},
        {"folder/": b"", "folder/contacts.csv": CSV},
        {"__MACOSX/._contacts.csv": b"\0\5", ".DS_Store": b"\0", "contacts.csv": CSV},
        {"a/Thumbs.db": b"\0", "a/desktop.ini": b"x", "a\\contacts.csv": CSV},
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_one_file_of_a_zip_is_taken_as_it_is(files: dict[str, bytes], method: int) -> None:
    assert convert(pack(files, method)) == AS_IT_IS + CSV


def encrypted() -> bytes:
    """Return a zip that says of its file that it is encrypted."""
    packed = bytearray(pack({"a.csv": CSV}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


OPEN_DOCUMENT = {
    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
    "content.xml": "<x/>",
}
WORD = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": workbooks.relations([("r", "officeDocument", "word/document.xml")]),
}
BINARY = WORD | {
    "_rels/.rels": workbooks.relations([("r", "officeDocument", "xl/workbook.bin")]),
}


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (pack({}), "is a zip archive without a file in it."),
        (pack({"a/": b"", ".DS_Store": b"x"}), "is a zip archive without a file in it."),
        (
            pack({"a.csv": CSV, "b.csv": CSV}),
            "with 2 files in it, and has to have one CSV file only. Found: a.csv, b.csv.",
        ),
        (pack({f"{n}.csv": CSV for n in range(7)}), "0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more"),
        (pack({"a.zip": pack({"a.csv": CSV})}), "is a zip archive with another packed file"),
        (pack({"a.xlsx": workbook()}), "is a zip archive with another packed file or a workbook"),
        (pack({"a.pdf": b"%PDF-1.7"}), "is a PDF document"),
        (encrypted(), "is protected with a password."),
        (pack({"a.csv": CSV}, zipfile.ZIP_BZIP2), "is packed in a way that is not read here."),
        (pack({"a.csv": CSV}, zipfile.ZIP_LZMA), "is packed in a way that is not read here."),
        (pack({f"{n}": b"" for n in range(10_001)}), "with more than 10000 files in it."),
        (pack({"x" * 1000 + str(n): b"" for n in range(9000)}), "with more than 10000 files"),
        (pack(OPEN_DOCUMENT), "is an OpenDocument file (.ods), which is not read here."),
        (pack({"Index/Document.iwa": b"x"}), "is an Apple Numbers document"),
        (pack(WORD), "is a Word document, an Office document that is no Excel workbook."),
        (pack({"[Content_Types].xml": "", "word/document.xml": "<w/>"}), "is a Word document"),
        (pack({"content.xml": "", "META-INF/manifest.xml": ""}), "is an OpenDocument file"),
        (pack({"a.numbers/Index.zip": b"x", "b": b"x"}), "is an Apple Numbers document"),
        (pack(BINARY), "is a binary workbook (.xlsb)."),
    ],
)
def test_zips_that_are_refused(packed: bytes, message: str) -> None:
    with pytest.raises(FileRefused) as caught:
        convert(packed)
    assert message in str(caught.value)


def test_a_zip_that_lies_about_the_size_of_its_file() -> None:
    packed = bytearray(pack({"a.csv": b"x" * 3_000_000}))
    for place in (22, packed.index(b"PK\x01\x02") + 24):
        packed[place : place + 4] = struct.pack("<I", 10)
    # What is said is all that is read, and then it is not the file that it should be.
    with pytest.raises(zipfile.BadZipFile):
        convert(bytes(packed))
    honest = pack({"a.csv": b"x" * 3_000_000})
    with pytest.raises(FileTooLarge, match="1000000 bytes that this server accepts when it is"):
        convert(honest)
    assert len(convert(honest, 3_000_000)) == len(AS_IT_IS) + 3_000_000


ROWS = text_rows(*([f"p{n}@example.com"] for n in range(100)))


@pytest.mark.parametrize("make", [lambda: pack({"a.csv": CSV * 1000}), lambda: workbook(ROWS)])
def test_a_zip_that_is_cut_off_or_damaged(make: Callable[[], bytes]) -> None:
    whole = make()
    for size in range(4, len(whole), 97):
        with pytest.raises((*DAMAGED, FileRefused)):
            convert(whole[:size])
    middle = whole.index(b"PK\x01\x02") // 2
    with pytest.raises((*DAMAGED, FileRefused)):
        convert(whole[:middle] + bytes(50) + whole[middle + 50 :])


def test_a_zip_whose_end_is_missing() -> None:
    whole = pack({"a.csv": CSV * 1000})
    for packed in (whole[:-30], whole[:100], b"PK\x03\x04"):
        with pytest.raises(FileCutOff, match="its end is missing"):
            convert(packed)


@pytest.mark.parametrize(
    "before", [b"<b>Notice</b>: x\n", b"\xef\xbb\xbf", b"\n", b"\r\n  ", b"\xef\xbb\xbf\n\n"]
)
@pytest.mark.parametrize("after", [b"", b"\n", b"<!-- done -->\n"])
def test_what_a_script_has_written_around_a_zip(before: bytes, after: bytes) -> None:
    assert convert(before + pack({"a.csv": CSV}) + after) == AS_IT_IS + CSV


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf\n"])
def test_a_zip_whose_list_is_found_by_long_numbers(before: bytes) -> None:
    packed = pack({"a.csv": CSV})
    at = packed.rindex(b"PK\5\6")
    files, size, start = struct.unpack("<HLL", packed[at + 10 : at + 20])
    end = (
        b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, files, files, size, start),
        b"PK\6\7" + struct.pack("<LQL", 0, at, 1),
        b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
    )
    assert convert(before + packed[:at] + b"".join(end)) == AS_IT_IS + CSV


def test_a_zip_with_a_comment() -> None:
    packed = io.BytesIO(pack({"a.csv": CSV}))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.comment = b"exported by somebody" * 100
    assert convert(b"\n" + packed.getvalue() + b"\r\n") == AS_IT_IS + CSV


def test_a_file_that_was_replaced_by_a_later_one() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "email\nold@example.com\n")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", CSV)
    assert convert(packed.getvalue()) == AS_IT_IS + CSV


@pytest.mark.parametrize("name", ["a\\b\\c.csv", "A/B/C.CSV", "\u00e4/b\\c.csv"])
def test_a_zip_that_calls_its_file_otherwise_elsewhere(name: str) -> None:
    packed = pack({name: CSV})
    written = name.encode() if not name.isascii() else name.encode("cp437")
    other = written.replace(b"\\", b"/") if b"\\" in written else written.lower()
    # The first time it stands before the content, the second time in the list.
    assert convert(packed.replace(written, other, 1)) == AS_IT_IS + CSV


class Pipe(io.RawIOBase):
    """Something that cannot be sought in, so that a zip's sizes come behind its files."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += data
        return len(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_that_was_written_into_a_pipe(method: int) -> None:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        archive.writestr("a.csv", CSV)
    assert convert(bytes(pipe.written)) == AS_IT_IS + CSV


def test_a_zip_with_long_numbers() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, archive.open("a.csv", "w", force_zip64=True) as a:
        a.write(CSV)
    assert convert(packed.getvalue()) == AS_IT_IS + CSV
