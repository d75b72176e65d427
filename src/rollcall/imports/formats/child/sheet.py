"""The rows of a sheet as a stream: no more than one row of it is in memory."""

from __future__ import annotations

import functools
from typing import Protocol

from rollcall.imports.formats.child.cell_values import (
    read_literal,
    show_iso_date,
    show_number,
    unescape,
)
from rollcall.imports.formats.child.csv_writer import encode_cell
from rollcall.imports.formats.child.workbook import Sheet, Workbook
from rollcall.imports.formats.child.xml_parts import XmlReader, local, open_part
from rollcall.imports.formats.protocol import FileRefused

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
DIGITS = "0123456789"
BOOLEANS = {"1": "true", "true": "true", "0": "false", "false": "false"}
# Dates and amounts repeat, and reading one costs more than remembering it.
CACHED_NUMBERS = 10_000


class RowWriter(Protocol):
    """Takes the rows of a sheet, mostly in their order; cells are as `encode_cell` writes them."""

    def write_row(self, row: int, cells: list[bytes]) -> None: ...


def read_sheet(workbook: Workbook, sheet: Sheet, writer: RowWriter) -> None:
    """Hand the rows that have content to `writer`.

    Blank cells behind the last of a row are left out.

    Raises:
        FileRefused: it is damaged.
        FileTooLarge: it needs more than the server gives.
    """
    rows = _Rows(workbook, writer)
    with open_part(workbook.package.archive, workbook.package.part(sheet.part)) as part:
        rows.xml.read(part, workbook.package.budget)


class _Rows:
    """Handles the elements of a sheet. Every cell passes here, so it is written to be fast."""

    def __init__(self, workbook: Workbook, writer: RowWriter):
        self.xml = XmlReader(self._on_outside, self._on_end)
        self._writer = writer
        self._strings = workbook.strings
        self._formats = {str(style): shown for style, shown in enumerate(workbook.formats)}
        self._columns: dict[str, int] = {}
        self._row = 0
        # Whether the row that has begun did not say which it is; then its first cell may.
        self._is_unnumbered = False
        self._cells: list[bytes] = []
        self._next_column = 0
        self._cell: dict[str, str] = {}
        self._value = ""
        self._inline = ""
        # What the formula of a cell says, where it is nothing but a text.
        self._literal: str | None = None
        # All text comes here; what is between elements is thrown away when the next one begins.
        self._text: list[str] = []
        self._is_reading_aid = False
        self._show = functools.lru_cache(CACHED_NUMBERS)(
            functools.partial(show_number, epoch_1904=workbook.epoch_1904)
        )
        self._is_sheet = False
        self._data_name = ""
        self._name_elements("")

    def _name_elements(self, prefix: str) -> None:
        names = ("row", "c", "v", "t", "f", "rPh")
        (self._row_name, self._c_name, self._v_name, self._t_name, self._f_name,
         self._aid_name) = (prefix + name for name in names)  # fmt: skip

    def _on_outside(self, name: str, attributes: dict[str, str]) -> None:
        """Look at what stands around the cells, which has elements of other meanings."""
        element = local(name)
        if not self._is_sheet and element != "worksheet":
            raise FileRefused("is a workbook that is damaged: what should be a sheet is none.")
        self._is_sheet = True
        if element == "sheetData":
            self._data_name = name
            self.xml.on_start(self._on_first_row)
            self.xml.on_text(self._text.append)

    def _on_first_row(self, name: str, attributes: dict[str, str]) -> None:
        prefix, separator, _ = name.rpartition(":")
        self._name_elements(prefix + separator)
        self.xml.on_start(self._on_start)
        self._on_start(name, attributes)

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._text.clear()
        if name == self._c_name:
            self._cell = attributes
            self._value = self._inline = ""
            self._literal = None
            if self._is_unnumbered:
                self._go_to(self._find_row(attributes.get("r", "")))
        elif name == self._row_name:
            number = attributes.get("r")
            self._is_unnumbered = not number
            if number:
                self._go_to(_read_count(number))
        elif name == self._aid_name:
            self._is_reading_aid = True

    def _on_end(self, name: str) -> None:
        if name == self._v_name:
            self._value += "".join(self._text)
        elif name == self._c_name:
            self._end_cell()
        elif name == self._t_name:
            if not self._is_reading_aid:
                self._inline += "".join(self._text)
        elif name == self._f_name:
            self._literal = read_literal("".join(self._text))
        elif name == self._row_name:
            if self._is_unnumbered:
                self._go_to(self._row + 1)
        elif name == self._aid_name:
            self._is_reading_aid = False
        elif name == self._data_name:
            self._write_row()
            self.xml.on_start(self._on_outside)
            self.xml.on_text(None)

    def _go_to(self, row: int) -> None:
        """Begin a row, or go on with it: some programs write an element for each of its cells."""
        self._is_unnumbered = False
        if row == self._row > 0:
            return
        self._write_row()
        if not 0 < row <= MAX_ROWS:
            raise FileRefused(f"is a workbook that is damaged: row {row} is where it cannot be.")
        self._row = row
        self._next_column = 0

    def _write_row(self) -> None:
        if self._cells:
            self._writer.write_row(self._row, self._cells)
            self._cells = []

    def _end_cell(self) -> None:
        place = self._cell.get("r")
        column = self._find_column(place) if place else self._next_column
        self._next_column = column + 1
        cell = self._read() if self._value or self._inline or self._literal else b""
        if not cell:
            return
        if column >= MAX_COLUMNS:
            raise FileRefused("is a workbook that is damaged: it has too many columns.")
        cells = self._cells
        if column < len(cells):
            if cells[column]:
                raise FileRefused(
                    f"is a workbook that is damaged: row {self._row} has a cell twice."
                )
            cells[column] = cell
            return
        if column > len(cells):
            cells += [b""] * (column - len(cells))
        cells.append(cell)

    def _find_row(self, place: str) -> int:
        """Return the row of the first cell of a row that has no number."""
        row = _row_of(place)
        if row is not None and row > self._row:
            return row
        # The row before goes on only with cells to the right of what it has.
        goes_on = row == self._row and self._find_column(place) >= self._next_column
        return self._row if goes_on else self._row + 1

    def _find_column(self, place: str) -> int:
        letters = place.rstrip(DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _read_column(letters)
        return column

    def _read(self) -> bytes:
        kind = self._cell.get("t") or "n"
        if self._literal is not None:
            return encode_cell(unescape(self._literal))
        if self._inline and (kind == "inlineStr" or not self._value):
            return encode_cell(unescape(self._inline))
        if kind == "s":
            return self._strings[_read_count(self._value)]
        if kind == "n":
            style = self._cell.get("s")
            shown = None if style is None else self._formats.get(style)
            return encode_cell(self._show(self._value.strip(), shown))
        return _read_other(kind, self._value)


def _read_other(kind: str, text: str) -> bytes:
    """Return a cell of a kind of which there are few."""
    if kind == "b":
        return encode_cell(BOOLEANS.get(text.strip().lower(), text))
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
        raise FileRefused(f"is a workbook that is damaged: {reason}.") from None


def _row_of(place: str) -> int | None:
    """Return the row of a cell's address, if it has one."""
    digits = place[len(place.rstrip(DIGITS)) :]
    return int(digits) if 0 < len(digits) < 10 else None


def _read_column(letters: str) -> int:
    """Return the column of a cell's address: A is 0, XFD is 16383."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise FileRefused(f'is a workbook that is damaged: "{letters[:20]}" is no column.')
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
