"""The texts that the cells of a workbook share."""

from __future__ import annotations

from array import array

from rollcall.imports.formats.child.cell_values import unescape
from rollcall.imports.formats.child.csv_writer import encode_cell
from rollcall.imports.formats.child.package import Handler
from rollcall.imports.formats.child.xml_parts import local
from rollcall.imports.formats.protocol import FileRefused


class SharedStrings:
    """The texts that cells refer to by number, ready to be written as cells of a CSV.

    They lie behind one another in one piece, because a million objects would need five times as
    much memory.
    """

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])

    def append(self, cell: bytes) -> None:
        """Add the next string."""
        self._text += cell
        self._ends.append(len(self._text))

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < len(self._ends) - 1:
            raise FileRefused(
                "is a workbook that is damaged: a cell refers to a text that is missing."
            )
        return bytes(self._text[self._ends[number] : self._ends[number + 1]])


class StringsHandler(Handler):
    """Collects the texts; how their runs are formatted and pronounced is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found = SharedStrings()
        self._text: list[str] = []
        self._is_reading_aid = False

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "si":
            self._text.clear()
        elif name == "rPh":
            self._is_reading_aid = True
        elif name == "t" and not self._is_reading_aid:
            self.xml.on_text(self._text.append)

    def on_end(self, name: str) -> None:
        name = local(name)
        if name == "t":
            self.xml.on_text(None)
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "si":
            self.found.append(encode_cell(unescape("".join(self._text))))
