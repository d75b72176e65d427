"""CSV as the engine likes it best: UTF-8, commas, quotes only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Callable

from rollcall.imports.formats.refusals import TooLarge

BLOCK_BYTES = 256 * 1024
_TO_QUOTE = re.compile('[",\r\n]')


def encode_cell(text: str) -> bytes:
    """Return a cell as it stands between two delimiters."""
    if _TO_QUOTE.search(text):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode()


class CsvWriter:
    """Writes encoded cells in blocks, and no more bytes than may be.

    A row is written when its number comes; rows that were left out before it are blank lines.
    """

    def __init__(self, write: Callable[[bytes], object], max_bytes: int):
        self._write = write
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._lines: list[bytes] = []
        self._size = 0
        self._last_row = 0

    def write_row(self, row: int, cells: list[bytes]) -> None:
        """Write the cells of a row, which is behind all those before."""
        line = b"\n" * (row - self._last_row - 1) + b",".join(cells) + b"\n"
        self._last_row = row
        self._lines.append(line)
        self._size += len(line)
        if self._size >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand on what is kept here."""
        block = b"".join(self._lines)
        self._lines, self._size = [], 0
        self.write_block(block)

    def write_block(self, block: bytes) -> None:
        """Write what is CSV already.

        Raises:
            TooLarge: there are more bytes now than may be.
        """
        self._left -= len(block)
        if self._left < 0:
            raise TooLarge(
                f"is larger than the {self._max_bytes} bytes that this server accepts when it is"
                " unpacked."
            )
        self._write(block)
