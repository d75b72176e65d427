"""The sheets of workbooks, and what they need, wherever it lies."""

from __future__ import annotations

import pytest

from rollcall.imports.formats.protocol import FileRefused
from tests.support import workbooks
from tests.support.conversions import convert, heads, records
from tests.support.workbooks import pack, parts, sheet, strings, text_rows, workbook

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


EMAIL = strings("<t>email</t>")
SHARED = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
DATED = f'<row r="1"><c r="A1" s="{workbooks.DATE}"><v>45413</v></c></row>'


def test_numbers_are_those_of_the_tabs_that_are_seen() -> None:
    made = parts(text_rows(["old"]), tabs=TABS)
    made["xl/worksheets/new.xml"] = sheet(text_rows(["new"]))
    made["xl/_rels/workbook.xml.rels"] = workbooks.relations(
        [
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId5", "chartsheet", "chartsheets/sheet1.xml"),
            ("rId6", "worksheet", "worksheets/new.xml"),
        ]
    )
    found = [(head["name"], head["number"]) for head in heads(pack(made))]
    assert found == [("old", None), ("lost", None), ("new", 2)]


@pytest.mark.parametrize(
    "lacking",
    [
        ["[Content_Types].xml"],
        ["_rels/.rels"],
        ["xl/_rels/workbook.xml.rels"],
        ["[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"],
    ],
)
def test_parts_are_looked_for_where_they_usually_are(lacking: list[str]) -> None:
    made = {k: v for k, v in parts(SHARED, shared=EMAIL).items() if k not in lacking}
    assert records(pack(made)) == [["email"]]
    made = {k: v for k, v in parts(DATED).items() if k not in lacking}
    assert records(pack(made)) == [["2024-05-01"]]


@pytest.mark.parametrize("content", [None, ""])
def test_parts_that_are_said_to_be_there_and_are_not(content: str | None) -> None:
    made = parts(text_rows(["email"])) | {"docProps/app.xml": "<"}
    for name in ("xl/styles.xml", "xl/sharedStrings.xml"):
        del made[name]
        if content is not None:
            made[name] = content
    assert records(pack(made)) == [["email"]]
    # What is needed has to be there.
    made["xl/worksheets/sheet1.xml"] = sheet(SHARED)
    with pytest.raises(FileRefused, match="a cell refers to a text that is missing"):
        convert(pack(made))


@pytest.mark.parametrize(
    ("target", "entry"),
    [
        ("worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("/xl/worksheets/sheet1.xml", "xl\\worksheets\\Sheet1.xml"),
        ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("./worksheets/../worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"),
        ("worksheets/a%20b%C3%A4.xml", "xl/worksheets/a b\u00e4.xml"),
        ("worksheets/a%20b.xml", "./xl/worksheets/a%20b.xml"),
    ],
)
def test_how_parts_are_called(target: str, entry: str) -> None:
    made = parts(text_rows(["email"]))
    made[entry] = made.pop("xl/worksheets/sheet1.xml")
    rels = made["xl/_rels/workbook.xml.rels"]
    assert isinstance(rels, str)
    made["xl/_rels/workbook.xml.rels"] = rels.replace("worksheets/sheet1.xml", target)
    assert records(pack(made)) == [["email"]]


def test_a_workbook_that_is_called_otherwise() -> None:
    made = parts(text_rows(["email"]))
    made["xl/book.xml"] = made.pop("xl/workbook.xml")
    made["xl/_rels/book.xml.rels"] = made.pop("xl/_rels/workbook.xml.rels")
    made["_rels/.rels"] = workbooks.relations([("a", "officeDocument", "/xl/book.xml")])
    assert records(pack(made)) == [["email"]]


@pytest.mark.parametrize("attribute", ["r:id", "d3p1:id", "id"])
def test_how_a_tab_refers_to_its_sheet(attribute: str) -> None:
    made = parts(text_rows(["email"]), tabs=f'<sheet name="a" sheetId="7" {attribute}="rId1"/>')
    assert records(pack(made)) == [["email"]]


def test_formats_of_conditions_are_not_those_of_cells() -> None:
    dxfs = '<dxfs><dxf><numFmt numFmtId="166" formatCode="0.00"/></dxf></dxfs></styleSheet>'
    row = DATED.replace(f's="{workbooks.DATE}"', f's="{workbooks.CUSTOM_DATE}"')
    made = parts(row) | {"xl/styles.xml": workbooks.STYLES.replace("</styleSheet>", dxfs)}
    assert records(pack(made)) == [["2024-05-01"]]
