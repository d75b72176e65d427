"""The first records of each sheet of a workbook: by them the API knows which sheet is meant."""

from __future__ import annotations

import json
from typing import Any

from rollcall.imports.formats.child.csv_writer import decode_cell
from rollcall.imports.formats.child.sheet import read_sheet
from rollcall.imports.formats.child.workbook import Sheet, Workbook
from rollcall.imports.formats.protocol import FileRefused

HEAD_RECORDS = 50
# A longer cell is cut: it is no name of a column, and this much shows what it is.
CELL_CHARACTERS = 1000
# Of what is sent, by rough estimate: for one sheet, and for all.
SHEET_CHARACTERS = 256 * 1024
ALL_CHARACTERS = 2 * 1024 * 1024


def read_heads(workbook: Workbook) -> bytes:
    """Return a JSON array with an object for each sheet, as `formats.heads` reads it.

    What is damaged in a sheet is said of it, in `problem`; it does not matter if another is read.
    Hidden sheets come last where there is not room for all.
    """
    heads = {}
    left = ALL_CHARACTERS
    for sheet in sorted(workbook.sheets, key=lambda sheet: sheet.number is None):
        head = _Head(min(left, SHEET_CHARACTERS))
        problem = _read(workbook, sheet, head) if left > 0 else None
        left -= head.size
        records = sorted(head.records.items())
        heads[sheet] = {
            "name": sheet.name,
            "number": sheet.number,
            "records": records,
            "problem": problem,
        }
    in_order: list[dict[str, Any]] = [heads[sheet] for sheet in workbook.sheets]
    return json.dumps(in_order, ensure_ascii=False).encode()


def _read(workbook: Workbook, sheet: Sheet, head: _Head) -> str | None:
    """Fill a head, and return what is damaged before it is full."""
    try:
        read_sheet(workbook, sheet, head)
    except _HeadIsFull:
        return None
    except FileRefused as refused:
        return str(refused)
    return None


class _HeadIsFull(Exception):
    """Enough is known of a sheet."""


class _Head:
    """Keeps the first records that have content, by their row numbers."""

    def __init__(self, most: int):
        self._most = most
        self.size = 0
        self.records: dict[int, list[str]] = {}

    def write_row(self, row: int, cells: list[bytes]) -> None:
        texts = []
        for cell in cells:
            text = decode_cell(cell)[:CELL_CHARACTERS]
            self.size += len(text) + 4
            if self.size > self._most:
                raise _HeadIsFull
            texts.append(text)
        self.records[row] = texts
        if len(self.records) == HEAD_RECORDS:
            raise _HeadIsFull
