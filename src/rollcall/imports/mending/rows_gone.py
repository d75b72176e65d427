"""Sets of row numbers as bytes: those that have been imported again, or are to be."""

from __future__ import annotations

import base64
import zlib
from array import array
from collections.abc import Iterable

# Row numbers are small and dense: as distances, a thousand of them have about a hundred bytes.
LEVEL = 6


def pack_rows(rows: Iterable[int]) -> bytes:
    """Return ascending row numbers as compressed distances."""
    before = 0
    packed = bytearray()
    for row in rows:
        distance = row - before
        before = row
        while distance > 0x7F:
            packed.append(distance & 0x7F | 0x80)
            distance >>= 7
        packed.append(distance)
    return zlib.compress(bytes(packed), LEVEL)


def unpack_rows(packed: bytes) -> array[int]:
    """Return the row numbers that were packed, ascending."""
    rows = array("q")
    row = distance = shift = 0
    for byte in zlib.decompress(packed):
        distance |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            row += distance
            rows.append(row)
            distance = shift = 0
    return rows


class RowSet:
    """Tells for ascending row numbers whether they are among others."""

    def __init__(self, packed: Iterable[bytes]):
        rows = array("q")
        for each in packed:
            rows.extend(unpack_rows(each))
        self._rows = array("q", sorted(rows))
        self._at = 0

    def __len__(self) -> int:
        return len(self._rows)

    def has(self, row: int) -> bool:
        """Tell whether a row is in the set; it must not be asked for a lower one later."""
        while self._at < len(self._rows) and self._rows[self._at] < row:
            self._at += 1
        return self._at < len(self._rows) and self._rows[self._at] == row


def as_text(packed: bytes) -> str:
    """Return packed rows as they go into JSON."""
    return base64.b64encode(packed).decode()


def from_text(text: str) -> bytes:
    """Return the packed rows that went into JSON."""
    return base64.b64decode(text)
