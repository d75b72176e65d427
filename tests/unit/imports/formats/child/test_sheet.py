"""The rows and cells of sheets, as many programs write them."""

from __future__ import annotations

import io
from datetime import date
from typing import TypeVar

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import workbooks
from tests.support.conversions import convert, records
from tests.support.workbooks import pack, parts, sheet, strings, text_rows, workbook

Item = TypeVar("Item")

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


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>',
            id="an element for each cell",
        ),
        pytest.param(
            '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>',
            id="an element for each cell, without addresses",
        ),
        pytest.param(
            '<row><c r="A2"><v>1</v></c></row><row><c r="B2"><v>2</v></c></row>',
            id="rows without a number, one for each cell",
        ),
        pytest.param('<row><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>', id="no row number"),
        pytest.param("<row/><row><c><v>1</v></c><c><v>2</v></c></row>", id="no numbers at all"),
        pytest.param('<row r="2"><c r="b2"><v>2</v></c><c r="a2"><v>1</v></c></row>', id="small"),
        pytest.param('<row r=""/><row r=""><c r=""><v>1</v></c><c><v>2</v></c></row>', id="empty"),
        pytest.param('<row r="1"/><row><c r="A"><v>1</v></c><c><v>2</v></c></row>', id="letters"),
    ],
)
def test_where_a_cell_is(rows: str) -> None:
    assert records(workbook(rows + '<row r="4"><c r="A4"><v>3</v></c></row>')) == [
        [],
        ["1", "2"],
        [],
        ["3"],
    ]


def test_rows_that_are_not_in_order() -> None:
    rows = [f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in (3, 1, 4, 2)]
    assert records(workbook("".join(rows))) == [["1"], ["2"], ["3"], ["4"]]


def test_a_prefix_for_rows_alone() -> None:
    row = '<x:row xmlns:x="x" r="{0}"><x:c r="A{0}"><x:v>1</x:v></x:c></x:row>'
    assert records(workbook(row.format(1) + row.format(3))) == [["1"], [], ["1"]]


def test_rows_without_numbers_whose_cells_all_say_the_same_one() -> None:
    row = '<row><c r="A1"><v>{}</v></c><c r="B1"><v>x</v></c></row>'
    assert records(workbook("".join(map(row.format, range(3))))) == [
        ["0", "x"],
        ["1", "x"],
        ["2", "x"],
    ]


def test_booleans() -> None:
    cells = "".join(f'<c t="b"><v>{text}</v></c>' for text in ("1", "0", "true", "FALSE", "maybe"))
    assert records(workbook(f"<row>{cells}</row>")) == [["true", "false", "true", "false", "maybe"]]


def test_where_the_text_of_a_cell_is() -> None:
    cells = (
        '<c t="inlineStr"><is><t>one</t></is><v>one</v></c><c t="inlineStr"><v>two</v></c>'
        '<c><is><t>three</t></is></c><c t="s"><is><t>four</t></is></c><c><v>five</v></c>'
        '<c t=""><v>6.0</v></c><c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
    )
    assert records(workbook(f"<row>{cells}</row>")) == [
        ["one", "two", "three", "four", "five", "6", "ab"]
    ]


def test_formulas() -> None:
    cells = (
        '<c><f>"01067"</f><v>0</v></c><c t="str"><f>"a&amp;b"</f></c><c><f>A1</f></c>'
        '<c><f>1/3</f><v>0.5</v></c><c t="str"><f>HYPERLINK("mailto:a@b.co","a@b.co")</f>'
        "<v>a@b.co</v></c><c t='e'><f>1/0</f><v>#DIV/0!</v></c><c><f/><v>7</v></c>"
        '<c t="s"><f>A1</f></c><c><f>""</f><v>0</v></c><c><v>8</v></c>'
    )
    assert records(workbook(f"<row>{cells}</row>")) == [
        ["01067", "a&b", "", "0.5", "a@b.co", "", "7", "", "", "8"]
    ]


def test_what_stands_beside_the_cells() -> None:
    around = sheet(ROW.replace('s"><v>0', 'n"><v>1')).replace(
        "</worksheet>",
        '<extLst><ext><row r="1"><c r="A1"><v>no</v></c></row></ext></extLst></worksheet>',
    )
    around = around.replace("<sheetData>", '<dimension ref="A1"/><cols/><v>no</v><sheetData>')
    assert records(pack(parts() | {"xl/worksheets/sheet1.xml": around})) == [["1"]]


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


def test_days_that_are_counted_from_1904() -> None:
    row = f'<row r="1"><c r="A1" s="{workbooks.DATE}"><v>0</v></c></row>'
    assert records(workbook(row, properties='date1904="1"')) == [["1904-01-01"]]


def test_a_workbook_without_cells_is_an_empty_file() -> None:
    assert convert(workbook()) == b""


@settings(max_examples=60)
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
