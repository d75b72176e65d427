"""Workbooks written by hand, so that they can be odd, broken and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

DATE, TIME, DATE_TIME, DURATION, POSTAL_CODE, CUSTOM_DATE = range(1, 7)
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts>
<numFmt numFmtId="164" formatCode="[h]:mm:ss"/><numFmt numFmtId="165" formatCode="00000"/>
<numFmt numFmtId="166" formatCode="[$-407]d\\.\\ mmmm\\ yyyy;@"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="21"/><xf numFmtId="22"/>
<xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>"""


def pack(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with these files in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def sheet(rows: str, namespace: str = MAIN) -> str:
    """Return a sheet with these `<row>` elements."""
    return f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'


def strings(*items: str) -> str:
    """Return shared strings; each item is what stands in its `<si>`."""
    return f'<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def relations(targets: Iterable[tuple[str, str, str]]) -> str:
    """Return a part of relations from ids, kinds and targets."""
    each = (
        f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for id_, kind, target in targets
    )
    return f'<Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'


def parts(
    rows: str = "", *, shared: str = strings(), properties: str = "", tabs: str | None = None
) -> dict[str, str | bytes]:
    """Return the parts of a workbook with one sheet of these `<row>` elements."""
    tabs = tabs or '<sheet name="Contacts" sheetId="1" r:id="rId1"/>'
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _listing(properties, tabs),
        "xl/_rels/workbook.xml.rels": relations(
            [
                ("rId1", "worksheet", "worksheets/sheet1.xml"),
                ("rId2", "sharedStrings", "/xl/sharedStrings.xml"),
                ("rId3", "styles", "styles.xml"),
            ]
        ),
        "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/sharedStrings.xml": shared,
        "xl/styles.xml": STYLES,
    }


def _listing(properties: str, tabs: str) -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {properties}/>'
        f"<sheets>{tabs}</sheets></workbook>"
    )


def workbook(rows: str = "", **how: str) -> bytes:
    """Return a workbook with one sheet of these `<row>` elements."""
    return pack(parts(rows, **how))


def book(sheets: Mapping[str, str | tuple[str, str]]) -> bytes:
    """Return a workbook with sheets of these names and rows; the second of two texts is a state."""
    made = parts(tabs=" ")
    tabs, targets = "", []
    for number, (name, content) in enumerate(sheets.items(), start=1):
        rows, state = content if isinstance(content, tuple) else (content, "visible")
        tabs += f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="s{number}"/>'
        targets.append((f"s{number}", "worksheet", f"worksheets/sheet{number}.xml"))
        made[f"xl/worksheets/sheet{number}.xml"] = sheet(rows)
    made |= {
        "xl/workbook.xml": _listing("", tabs),
        "xl/_rels/workbook.xml.rels": relations([*targets, ("rId3", "styles", "styles.xml")]),
    }
    return pack(made)


def text_cell(text: str) -> str:
    """Return a cell that holds its text itself."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def text_rows(*rows: Iterable[str]) -> str:
    """Return rows of such cells."""
    return "".join(f"<row>{''.join(map(text_cell, row))}</row>" for row in rows)
