"""Zips and workbooks become CSV; what is wrong with them is said."""

from __future__ import annotations

import csv
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollcall.imports.formats.archive import write_csv
from rollcall.imports.formats.child import DAMAGED
from rollcall.imports.formats.refusals import AS_IT_IS, FROM_SHEET, Refused, TooLarge
from tests import workbooks
from tests.workbooks import pack, parts, sheet, strings, text_cell, text_rows, workbook

CSV = b"email;name\r\nada@example.com;Ada\r\n"


Item = TypeVar("Item")


def convert(packed: bytes, max_bytes: int = 1_000_000) -> tuple[bytes, bytes]:
    """Return the line that says what it was, and the CSV."""
    written = io.BytesIO()
    with tempfile.TemporaryFile(buffering=0) as source:
        source.write(packed)
        write_csv(source, written.write, max_bytes, watch=lambda: None)
    first, newline, rest = written.getvalue().partition(b"\n")
    return first + newline, rest


def records(packed: bytes) -> list[list[str]]:
    """Return the records of a workbook's first sheet."""
    first_line, content = convert(packed)
    assert first_line == FROM_SHEET
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


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
    assert convert(pack(files, method)) == (AS_IT_IS, CSV)


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
        (pack(WORD), "is an Office document that is no Excel workbook."),
        (pack(BINARY), "is a binary workbook (.xlsb)."),
    ],
)
def test_zips_that_are_refused(packed: bytes, message: str) -> None:
    with pytest.raises(Refused) as caught:
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
    with pytest.raises(TooLarge, match="1000000 bytes that this server accepts when it is"):
        convert(honest)
    assert len(convert(honest, 3_000_000)[1]) == 3_000_000


@pytest.mark.parametrize("make", [lambda: pack({"a.csv": CSV * 1000}), lambda: workbook(ROW)])
def test_a_zip_that_is_cut_off_or_damaged(make: Callable[[], bytes]) -> None:
    whole = make()
    for size in range(4, len(whole), 97):
        with pytest.raises((*DAMAGED, Refused)):
            convert(whole[:size])
    middle = whole.index(b"PK\x01\x02") // 2
    with pytest.raises((*DAMAGED, Refused)):
        convert(whole[:middle] + bytes(50) + whole[middle + 50 :])


ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


def test_cells_of_every_kind() -> None:
    rows = (
        '<row r="1" spans="1:9"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r>'
        "<rPh><t>reading</t></rPh></is></c>"
        '<c r="B2" t="str"><f>A1&amp;"x"</f><v>formula</v></c><c r="C2"><f>1/3</f><v>0.5</v></c>'
        '<c r="D2" t="b"><v>1</v></c><c r="E2" t="b"><v>0</v></c><c r="F2" t="e"><v>#N/A</v></c>'
        '<c r="G2"><f>A1</f></c><c r="H2" t="n"><v>12345.0</v></c></row>'
        f'<row r="3"><c r="A3" s="{workbooks.DATE}"><v>45413</v></c>'
        f'<c r="B3" s="{workbooks.TIME}"><v>0.5</v></c>'
        f'<c r="C3" s="{workbooks.DATE_TIME}"><v>45413.5</v></c>'
        f'<c r="D3" s="{workbooks.DURATION}"><v>1.5</v></c>'
        f'<c r="E3" s="{workbooks.POSTAL_CODE}"><v>1067</v></c>'
        f'<c r="F3" s="{workbooks.CUSTOM_DATE}"><v>45413</v></c>'
        '<c r="G3" t="d"><v>2024-05-01T00:00:00</v></c><c r="H3" s="99"><v>1</v></c></row>'
    )
    shared = strings(
        "<t>a,&quot;b&quot;</t>", '<r><t xml:space="preserve"> e</t></r><r><t>m</t></r>'
    )
    assert records(workbook(rows, shared=shared)) == [
        [" em", 'a,"b"'],
        ["rich", "formula", "0.5", "true", "false", "", "", "12345"],
        [
            "2024-05-01",
            "12:00:00",
            "2024-05-01T12:00:00",
            "36:00:00",
            "01067",
            "2024-05-01",
            "2024-05-01",
            "1",
        ],
    ]


def test_rows_and_columns_are_where_they_are_in_the_sheet() -> None:
    rows = (
        '<row r="3"><c r="C3"><v>3</v></c><c r="AB3"><v>28</v></c><c r="XFD3" s="1"/></row>'
        '<row r="4"/><row r="5"><c r="A5" s="1"/></row>'
        '<row r="7"><c r="B7"><v>2</v></c><c r="A7"><v>1</v></c></row>'
        "<row><c><v>8</v></c><c/><c><v>9</v></c></row>"
        '<row r="1048576"><c r="A1048576" s="1"/></row>'
    )
    assert records(workbook(rows)) == [
        [],
        [],
        ["", "", "3", *[""] * 24, "28"],
        [],
        [],
        [],
        ["1", "2"],
        ["8", "", "9"],
    ]


def test_text_that_needs_care() -> None:
    texts = ["a_x000D_\nb", "_x005F_x000D_", "\u00e4\U0001f600", "a,b", "\u2028\x85", "   "]
    assert records(workbook(text_rows(texts))) == [
        ["a\r\nb", "_x000D_", "\u00e4\U0001f600", "a,b", "\u2028\x85", "   "]
    ]


@pytest.mark.parametrize("namespace", [workbooks.MAIN, workbooks.STRICT])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_namespaces(namespace: str, prefix: str) -> None:
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"

    def named(text: str) -> str:
        for name in ("worksheet", "sheetData", "row", "c", "v", "sst", "si", "t"):
            text = text.replace(f"<{name}>", f"<{prefix}{name}>").replace(
                f"<{name} ", f"<{prefix}{name} "
            )
            text = text.replace(f"</{name}>", f"</{prefix}{name}>")
        return text.replace("xmlns=", f"{declared}=")

    made = parts()
    made["xl/worksheets/sheet1.xml"] = named(sheet(ROW, namespace))
    made["xl/sharedStrings.xml"] = named(strings("<t>email</t>"))
    assert records(pack(made)) == [["email"]]


TABS = (
    '<sheet name="old" state="hidden" r:id="rId1"/><sheet name="chart" r:id="rId5"/>'
    '<sheet name="lost" state="veryHidden" r:id="rId1"/><sheet name="new" r:id="rId6"/>'
)


def test_the_first_sheet_that_is_seen() -> None:
    made = parts(text_rows(["old"]), tabs=TABS)
    made["xl/worksheets/new.xml"] = sheet(text_rows(["new"]))
    made["xl/_rels/workbook.xml.rels"] = workbooks.relations(
        [
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId5", "chartsheet", "chartsheets/sheet1.xml"),
            ("rId6", "worksheet", "../xl/worksheets/NEW.xml"),
        ]
    )
    assert records(pack(made)) == [["new"]]


def test_a_sheet_that_is_hidden_is_better_than_none() -> None:
    tabs = '<sheet name="old" state="hidden" r:id="rId1"/>'
    assert records(workbook(text_rows(["old"]), tabs=tabs)) == [["old"]]


def test_days_that_are_counted_from_1904() -> None:
    row = f'<row r="1"><c r="A1" s="{workbooks.DATE}"><v>0</v></c></row>'
    assert records(workbook(row, properties='date1904="1"')) == [["1904-01-01"]]


def test_a_workbook_without_cells_is_an_empty_file() -> None:
    assert convert(workbook()) == (FROM_SHEET, b"")


ENTITIES = """<!DOCTYPE sst [<!ENTITY a "ha">]>"""


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (workbook(ROW), "a cell refers to a text that is missing."),
        (workbook(ROW.replace("0</v>", "-1</v>")), "a cell refers to a text that is missing."),
        (workbook(ROW.replace("0</v>", "x</v>")), '"x" should be a number.'),
        (workbook('<row r="2"/><row r="1"/>'), "row 1 is where it cannot be."),
        (workbook('<row r="0"/>'), "row 0 is where it cannot be."),
        (workbook('<row r="1048577"/>'), "row 1048577 is where it cannot be."),
        (workbook('<row r="1"><c r="1A"/></row>'), "is no column."),
        (workbook('<row r="1"><c r="A2"><v>1</v></c></row>'.replace('"A2"', '"A22"')), "column"),
        (workbook('<row r="1"><c r="XFE1"><v>1</v></c></row>'), "too many columns."),
        (workbook('<row r="1"><c r="ABCD1"><v>1</v></c></row>'), '"ABCD" is no column.'),
        (workbook("<row>"), "is a workbook that is damaged: mismatched tag"),
        (workbook(shared=ENTITIES + strings("<t>&a;</t>")), "document type in its XML"),
        (workbook(tabs='<sheet r:id="rId9"/>'), "is a workbook without a sheet that has cells."),
        (pack({k: v for k, v in parts().items() if "sheet1" not in k}), 'sheet1.xml" is missing.'),
        (pack({k: v for k, v in parts().items() if "book" not in k}), 'workbook.xml" is missing.'),
        (pack(parts() | {"xl/worksheets/sheet1.xml": "<html/>"}), "its first sheet is no sheet."),
        (pack(parts(), zipfile.ZIP_BZIP2), "is packed in a way that is not read here."),
    ],
)
def test_workbooks_that_are_refused(packed: bytes, message: str) -> None:
    with pytest.raises(Refused) as caught:
        convert(packed)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "packed",
    [
        workbook(shared=strings(*["<t>x</t>"] * 1_000_000)),
        workbook(f"<row>{'<c/>' * 3_000_000}</row>"),
        workbook(f"<row>{text_cell('x' * 12_000_000)}</row>"),
        workbook(shared=f"<sst>{'<a>' * 4_000_000}"),
        pack(parts() | {"xl/styles.xml": "<x>" + " " * 12_000_000 + "</x>"}),
        workbook('<row r="1048575"/><row><c><v>1</v></c></row>'),
        workbook("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 99))),
    ],
    ids=[
        "many strings",
        "many cells",
        "a long text",
        "deep",
        "spaces",
        "a row far below",
        "columns far to the right",
    ],
)
def test_workbooks_that_are_small_and_hold_much(packed: bytes) -> None:
    assert len(packed) < 200_000
    with pytest.raises(TooLarge):
        convert(packed)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.text(
                    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn")), max_size=8
                ).filter(lambda text: "_x" not in text),
                st.integers(-(10**14), 10**14),
                st.integers(-(10**12), 10**12).map(lambda n: (2 * n + 1) / 2000),
                st.booleans(),
                st.dates(date(1900, 3, 1), date(9999, 12, 30)),
            ),
            max_size=5,
        ),
        max_size=8,
    )
)
def test_what_another_library_has_written(rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            cell = book.active.cell(row, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    packed = io.BytesIO()
    book.save(packed)
    expected = [_without_blank_end([_shown(value) for value in row]) for row in rows]
    found = [_without_blank_end(record) for record in records(packed.getvalue())]
    assert _without_blank_end(found) == _without_blank_end(expected)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def _without_blank_end(items: list[Item]) -> list[Item]:
    while items and not items[-1]:
        items.pop()
    return items
