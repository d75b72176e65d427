"""Sheets that are damaged, or hold more than the server gives."""

from __future__ import annotations

import zipfile

import pytest

from rollcall.imports.formats.protocol import FileRefused, FileTooLarge
from tests.support.conversions import convert
from tests.support.workbooks import pack, parts, strings, text_cell, workbook

ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
# A row that another one stands within.
THRICE = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in (2, 1, 2))
ENTITIES = """<!DOCTYPE sst [<!ENTITY a "ha">]>"""


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (workbook(ROW), "a cell refers to a text that is missing."),
        (workbook(ROW.replace("0</v>", "-1</v>")), "a cell refers to a text that is missing."),
        (workbook(ROW.replace("0</v>", "x</v>")), '"x" should be a number.'),
        (workbook('<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>'), "1 has a cell"),
        (workbook('<row r="3"><c r="A3"><v>1</v></c></row>' * 2), "row 3 has a cell twice."),
        (workbook(THRICE), "row 2 is where it cannot be."),
        (workbook('<row r="0"/>'), "row 0 is where it cannot be."),
        (workbook('<row r="1048577"/>'), "row 1048577 is where it cannot be."),
        (workbook('<row r="1"><c r="1A"/></row>'), "is no column."),
        (workbook('<row r="1"><c r="XFE1"><v>1</v></c></row>'), "too many columns."),
        (workbook('<row r="1"><c r="ABCD1"><v>1</v></c></row>'), '"ABCD" is no column.'),
        (workbook("<row>"), "is a workbook that is damaged: mismatched tag"),
        (workbook(shared=ENTITIES + strings("<t>&a;</t>")), "document type in its XML"),
        (workbook(tabs='<sheet r:id="rId9"/>'), "is a workbook without a sheet that has cells."),
        (pack({k: v for k, v in parts().items() if "sheet1" not in k}), 'sheet1.xml" is missing.'),
        (pack({k: v for k, v in parts().items() if "book" not in k}), 'workbook.xml" is missing.'),
        (pack(parts() | {"xl/worksheets/sheet1.xml": "<html/>"}), "should be a sheet is none."),
        (pack(parts(), zipfile.ZIP_BZIP2), "is packed in a way that is not read here."),
    ],
)
def test_workbooks_that_are_refused(packed: bytes, message: str) -> None:
    with pytest.raises(FileRefused) as caught:
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
    with pytest.raises(FileTooLarge):
        convert(packed)
