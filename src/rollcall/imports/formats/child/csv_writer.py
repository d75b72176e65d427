"""CSV as the engine likes it best: UTF-8, commas, quotes only where they are needed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from rollcall.imports.formats.protocol import FileRefused, FileTooLarge

# How much is kept until it is written. Rows that are not further out of order than this are sorted.
BLOCK_BYTES = 4 * 1024 * 1024
# What a row takes in memory besides its text.
ROW_BYTES = 100
_TO_QUOTE = re.compile('[",\r\n]')


def encode_cell(text: str) -> bytes:
    """Return a cell as it stands between two delimiters."""
    if _TO_QUOTE.search(text):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode()


def decode_cell(cell: bytes) -> str:
    """Return the text of an encoded cell."""
    text = cell.decode()
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


class CsvWriter:
    """Writes encoded cells in blocks, and no more bytes than may be.

    A row is written when its number comes; rows that were left out before it are blank lines.
    """

    def __init__(self, write: Callable[[bytes], object], max_bytes: int):
        self._write = write
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._rows: list[tuple[int, bytes]] = []
        self._size = 0
        self._is_in_order = True
        self._last_row = 0
        self._written_row = 0

    def write_row(self, row: int, cells: list[bytes]) -> None:
        """Write the cells of a row.

        Raises:
            FileRefused: the row is far behind those that come after it, or is there twice.
            FileTooLarge: there are more bytes now than may be.
        """
        line = b",".join(cells) + b"\n"
        self._is_in_order = self._is_in_order and row > self._last_row
        self._last_row = row
        self._rows.append((row, line))
        self._size += len(line) + ROW_BYTES
        if self._size >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand on what is kept here."""
        if not self._is_in_order:
            self._rows.sort(key=operator.itemgetter(0))
        written = self._written_row
        lines = []
        for row, line in self._rows:
            if row <= written:
                raise FileRefused(
                    f"is a workbook that is damaged: row {row} is where it cannot be."
                )
            lines.append(b"\n" * (row - written - 1) + line)
            written = row
        self._rows, self._size, self._is_in_order = [], 0, True
        self._written_row = self._last_row = written
        self.write_block(b"".join(lines))

    def write_block(self, block: bytes) -> None:
        """Write what is CSV already.

        Raises:
            FileTooLarge: there are more bytes now than may be.
        """
        self._left -= len(block)
        if self._left < 0:
            raise FileTooLarge(
                f"is larger than the {self._max_bytes} bytes that this server accepts when it is"
                " unpacked."
            )
        self._write(block)
