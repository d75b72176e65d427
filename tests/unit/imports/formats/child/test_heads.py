"""What is said of the sheets of a workbook before one of them is chosen."""

from __future__ import annotations

from rollcall.imports.formats.child.heads import (
    ALL_CHARACTERS,
    CELL_CHARACTERS,
    HEAD_RECORDS,
    SHEET_CHARACTERS,
)
from tests.support import workbooks
from tests.support.conversions import heads
from tests.support.workbooks import pack, parts, sheet, strings, text_rows, workbook


def many(*sheets: str, names: str = "abcdefghijklmnop") -> bytes:
    """Return a workbook with these sheets; `<worksheet>` stands around each."""
    made = parts(
        tabs="".join(f'<sheet name="{names[at]}" r:id="s{at}"/>' for at, _ in enumerate(sheets))
    )
    made["xl/_rels/workbook.xml.rels"] = workbooks.relations(
        (f"s{at}", "worksheet", f"worksheets/s{at}.xml") for at, _ in enumerate(sheets)
    )
    made |= {f"xl/worksheets/s{at}.xml": content for at, content in enumerate(sheets)}
    return pack(made)


def test_records_have_the_numbers_of_their_rows() -> None:
    rows = (
        '<row r="2"><c r="B2" t="s"><v>0</v></c></row><row r="3"/>'
        '<row r="5"><c r="A5"><v>1.50</v></c><c r="B5" t="inlineStr"><is><t>a "b", c</t></is></c>'
        '</row><row r="4"><c r="A4"><v>4</v></c></row>'
    )
    assert heads(workbook(rows, shared=strings("<t>x,\ny</t>"))) == [
        {
            "name": "Contacts",
            "number": 1,
            "problem": None,
            "records": [[2, ["", "x,\ny"]], [4, ["4"]], [5, ["1.5", 'a "b", c']]],
        }
    ]


def test_no_more_records_are_read_than_are_said() -> None:
    rows = text_rows(*([str(n)] for n in range(HEAD_RECORDS + 1)))
    # What is broken is so far behind them that it is not read with them.
    (head,) = heads(many(sheet(rows + " " * 1_000_000 + "<broken")))
    assert len(head["records"]) == HEAD_RECORDS
    assert head["problem"] is None


def test_what_is_damaged_is_said_of_its_sheet() -> None:
    found = heads(many(sheet(text_rows(["a"])), "<worksheet><sheetData><row>", "<html/>"))
    assert [head["records"] for head in found] == [[[1, ["a"]]], [], []]
    assert found[0]["problem"] is None
    assert found[1]["problem"].startswith("is a workbook that is damaged: no element found")
    assert found[2]["problem"].endswith("what should be a sheet is none.")


def test_how_much_is_said() -> None:
    long = sheet(text_rows(*([["x" * 2 * CELL_CHARACTERS] * 30] * 40)))
    found = heads(many(*[long] * 12))
    sizes = [sum(len(cell) for _, cells in head["records"] for cell in cells) for head in found]
    assert all(size <= SHEET_CHARACTERS for size in sizes)
    assert sizes[0] > SHEET_CHARACTERS / 2
    assert ALL_CHARACTERS / 2 < sum(sizes) <= ALL_CHARACTERS
    assert {len(cell) for _, cells in found[0]["records"] for cell in cells} == {CELL_CHARACTERS}
    assert len(found) == 12
