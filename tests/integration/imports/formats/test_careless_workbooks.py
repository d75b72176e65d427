"""Workbooks as careless programs write them, over real HTTP: every row arrives."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.support import workbooks
from tests.support.resources import show
from tests.support.uploads import Importer
from tests.support.workbooks import STYLES, pack, parts, sheet, strings, text_rows, workbook

HEADER = ["email", "first_name", "p"]
MAP = {"email": "email", "first_name": "first_name", "properties": {"p": {"column": "p"}}}
PLAIN = text_rows(HEADER, ["ada@example.com", "Ada", "x"])
SHEET = "xl/worksheets/sheet1.xml"


def changed(changes: dict[str, Any], rows: str = PLAIN) -> bytes:
    """Return a workbook of which parts are others, or missing where they are None."""
    made = parts(rows) | changes
    return pack({name: content for name, content in made.items() if content is not None})


def cells(*values: str) -> str:
    """Return rows with the header and one record; its values are cells as XML."""
    return text_rows(HEADER) + f"<row>{''.join(values)}</row>"


EMAIL, NAME = (workbooks.text_cell(text) for text in ("ada@example.com", "Ada"))


def behind(before: bytes, packed: bytes) -> bytes:
    """Return a zip that was written behind something and counts its places from there."""
    stream = io.BytesIO(before)
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(stream, "a") as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info))
    return stream.getvalue()


def row_for_each_cell() -> str:
    records = (HEADER, ["ada@example.com", "Ada", "x"])
    return "".join(
        f'<row r="{row}"><c r="{letter}{row}" t="str"><v>{text}</v></c></row>'
        for row, record in enumerate(records, start=1)
        for letter, text in zip("ABC", record, strict=True)
    )


WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "as it should be": (workbook(PLAIN), "x"),
    "styles and strings are missing": (
        changed({"xl/styles.xml": None, "xl/sharedStrings.xml": None}),
        "x",
    ),
    "styles and strings are empty": (
        changed({"xl/styles.xml": "", "xl/sharedStrings.xml": b""}),
        "x",
    ),
    "nothing refers to anything": (
        changed(
            {"[Content_Types].xml": None, "_rels/.rels": None, "xl/_rels/workbook.xml.rels": None}
        ),
        "x",
    ),
    "a part that nobody reads is broken": (changed({"docProps/app.xml": "<", "x": b"\0"}), "x"),
    "a row element for each cell": (workbook(row_for_each_cell()), "x"),
    "rows from the last to the first": (
        workbook(
            "".join(
                f'<row r="{row}">{"".join(map(workbooks.text_cell, record))}</row>'
                for row, record in ((2, ["ada@example.com", "Ada", "x"]), (1, HEADER))
            )
        ),
        "x",
    ),
    "line ends before the declaration": (
        changed({SHEET: '\r\n<?xml version="1.0" encoding="UTF-8"?>' + sheet(PLAIN)}),
        "x",
    ),
    "UTF-16": (
        changed(
            {SHEET: ('<?xml version="1.0" encoding="UTF-16"?>' + sheet(PLAIN)).encode("utf-16")}
        ),
        "x",
    ),
    "Latin-1": (
        changed(
            {
                SHEET: (
                    '<?xml version="1.0" encoding="ISO-8859-1"?>'
                    + sheet(cells(EMAIL, NAME, workbooks.text_cell("Zo\xeb")))
                ).encode("latin-1")
            }
        ),
        "Zo\xeb",
    ),
    "a mark before the zip": (b"\xef\xbb\xbf" + workbook(PLAIN), "x"),
    "line ends before the zip, which knows of them": (behind(b"\r\n\r\n", workbook(PLAIN)), "x"),
    "a web page behind the zip": (workbook(PLAIN) + b"\n<!DOCTYPE html><html></html>\n", "x"),
    "shared strings of a reading aid": (
        workbook(
            cells(EMAIL, NAME, '<c t="s"><v>0</v></c>'),
            shared=strings('<t>\u5c71\u7530</t><rPh sb="0" eb="2"><t>\u30e4\u30de</t></rPh>'),
        ),
        "\u5c71\u7530",
    ),
    "escapes": (workbook(cells(EMAIL, NAME, '<c t="str"><v>a_x000D_\nb</v></c>')), "a\r\nb"),
    "a text formula with a zero": (
        workbook(cells(EMAIL, NAME, '<c><f>"01067"</f><v>0</v></c>')),
        "01067",
    ),
    "an error": (workbook(cells(EMAIL, NAME, '<c t="e"><v>#N/A</v></c>')), ""),
    "a boolean in words": (workbook(cells(EMAIL, NAME, '<c t="b"><v>TRUE</v></c>')), "true"),
    "a date of 1904": (
        workbook(
            cells(EMAIL, NAME, f'<c s="{workbooks.DATE}"><v>43951</v></c>'),
            properties='date1904="true"',
        ),
        "2024-05-01",
    ),
    "a date format of a condition": (
        changed(
            {
                "xl/styles.xml": STYLES.replace(
                    "</styleSheet>",
                    '<dxfs><dxf><numFmt numFmtId="166" formatCode="0"/></dxf></dxfs></styleSheet>',
                )
            },
            cells(EMAIL, NAME, f'<c s="{workbooks.CUSTOM_DATE}"><v>45413</v></c>'),
        ),
        "2024-05-01",
    ),
    "a phone number": (
        workbook(cells(EMAIL, NAME, "<c><v>4.91511234567E+11</v></c>")),
        "491511234567",
    ),
    "text that is said to be a number": (workbook(cells(EMAIL, NAME, "<c><v>n/a</v></c>")), "n/a"),
    "text in both places": (
        workbook(cells(EMAIL, NAME, '<c t="inlineStr"><is><t>x</t></is><v>x</v></c>')),
        "x",
    ),
}


@pytest.mark.parametrize("how", WORKBOOKS)
def test_every_row_arrives(importer: Importer, how: str) -> None:
    data, value = WORKBOOKS[how]
    shown = show(importer.client, importer.run(data, column_map=MAP))
    assert shown["counts"] == {"total": 1, "created": 1, "updated": 0, "skipped": 0, "failed": 0}
    contact = importer.client.get("/contacts/ada@example.com").json()
    assert contact["first_name"] == "Ada"
    assert {key: found["value"] for key, found in contact["properties"].items()} == (
        {"p": value} if value else {}
    )
