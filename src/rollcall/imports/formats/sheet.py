"""The rows of a sheet as CSV, as a stream: no more than one row of it is in memory."""

from __future__ import annotations

import functools

from rollcall.imports.formats.cells import show_iso_date, show_number, unescape
from rollcall.imports.formats.csv_text import CsvWriter, encode_cell
from rollcall.imports.formats.parts import XmlReader, open_part
from rollcall.imports.formats.refusals import Refused
from rollcall.imports.formats.workbook import Workbook

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
# Dates and amounts repeat, and reading one costs more than remembering it.
CACHED_NUMBERS = 10_000


def write_sheet(workbook: Workbook, writer: CsvWriter) -> None:
    """Write the first sheet of a workbook.

    Row n of the sheet is record n of the CSV; blank rows behind the last with content are left
    out, as are blank cells behind the last of a row.

    Raises:
        Refused: it is damaged.
        TooLarge: it needs more than the server gives.
    """
    rows = _Rows(workbook, writer)
    with open_part(workbook.archive, workbook.sheet) as part:
        rows.xml.read(part, workbook.budget)
    writer.flush()


class _Rows:
    """Handles the elements of a sheet. Every cell passes here, so it is written to be fast."""

    def __init__(self, workbook: Workbook, writer: CsvWriter):
        self.xml = XmlReader(self._on_root, self._on_end)
        self._writer = writer
        self._strings = workbook.strings
        self._formats = {str(style): shown for style, shown in enumerate(workbook.formats)}
        self._columns: dict[str, int] = {}
        self._row = 0
        self._row_digits = 0
        self._cells: list[bytes] = []
        self._next_column = 0
        self._cell: dict[str, str] = {}
        self._value = ""
        # All text comes here; what is between elements is thrown away when the next one begins.
        self._text: list[str] = []
        self._is_reading_aid = False
        self._show = functools.lru_cache(CACHED_NUMBERS)(
            functools.partial(show_number, epoch_1904=workbook.epoch_1904)
        )
        self._name_elements("")

    def _name_elements(self, prefix: str) -> None:
        names = ("row", "c", "v", "t", "rPh")
        self._row_name, self._c_name, self._v_name, self._t_name, self._aid_name = (
            prefix + name for name in names
        )

    def _on_root(self, name: str, attributes: dict[str, str]) -> None:
        prefix, separator, root = name.rpartition(":")
        if root != "worksheet":
            raise Refused("is a workbook that is damaged: its first sheet is no sheet.")
        self._name_elements(prefix + separator)
        self.xml.on_start(self._on_start)
        self.xml.hear(self._text.append)

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._text.clear()
        if name == self._c_name:
            self._cell = attributes
            self._value = ""
        elif name == self._row_name:
            self._begin_row(attributes.get("r"))
        elif name == self._aid_name:
            self._is_reading_aid = True

    def _on_end(self, name: str) -> None:
        if name in (self._v_name, self._t_name):
            if not self._is_reading_aid:
                self._value += "".join(self._text)
        elif name == self._c_name:
            self._end_cell()
        elif name == self._row_name:
            if self._cells:
                self._writer.write_row(self._row, self._cells)
        elif name == self._aid_name:
            self._is_reading_aid = False

    def _begin_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else _read_count(number)
        if not self._row < row <= MAX_ROWS:
            raise Refused(f"is a workbook that is damaged: row {row} is where it cannot be.")
        self._row = row
        self._row_digits = len(str(row))
        self._cells = []
        self._next_column = 0

    def _end_cell(self) -> None:
        place = self._cell.get("r")
        column = self._next_column if place is None else self._find_column(place)
        self._next_column = column + 1
        cell = self._read(self._value) if self._value else b""
        if not cell:
            return
        if column >= MAX_COLUMNS:
            raise Refused("is a workbook that is damaged: it has too many columns.")
        cells = self._cells
        if column < len(cells):
            cells[column] = cell
            return
        if column > len(cells):
            cells += [b""] * (column - len(cells))
        cells.append(cell)

    def _find_column(self, place: str) -> int:
        letters = place[: -self._row_digits]
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _read_column(letters)
        return column

    def _read(self, text: str) -> bytes:
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._strings[_read_count(text)]
        if kind == "n":
            style = self._cell.get("s")
            shown = None if style is None else self._formats.get(style)
            return encode_cell(self._show(text.strip(), shown))
        if kind == "b":
            return {"1": b"true", "0": b"false"}.get(text.strip(), b"")
        if kind == "e":
            return b""
        if kind == "d":
            return encode_cell(show_iso_date(text.strip()))
        return encode_cell(unescape(text))


def _read_count(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        reason = f'"{text[:20]}" should be a number'
        raise Refused(f"is a workbook that is damaged: {reason}.") from None


def _read_column(letters: str) -> int:
    """Return the column of a cell's address: A is 0, XFD is 16383."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise Refused(f'is a workbook that is damaged: "{letters[:20]}" is no column.')
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
