"""Which number format each style has that the cells of a workbook can refer to."""

from __future__ import annotations

from rollcall.imports.formats.child.cell_values import BUILTIN, Format, read_format
from rollcall.imports.formats.child.package import Handler
from rollcall.imports.formats.child.xml_parts import local


class StylesHandler(Handler):
    """Collects the number formats of cells; those of conditions and named styles are others."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, Format] = {}
        self._used: list[int] = []
        self._part = ""

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name in ("numFmts", "cellXfs"):
            self._part = name
        elif name == "numFmt" and self._part == "numFmts":
            code = attributes.get("formatCode", "")
            self._codes[_number(attributes, "numFmtId")] = read_format(code)
        elif name == "xf" and self._part == "cellXfs":
            self._used.append(_number(attributes, "numFmtId"))

    def on_end(self, name: str) -> None:
        if local(name) == self._part:
            self._part = ""

    def formats(self) -> list[Format]:
        """Return the format of each style."""
        return [self._codes.get(used, BUILTIN.get(used)) for used in self._used]


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
