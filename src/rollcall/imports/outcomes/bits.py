"""The rows of a batch that something is true of, as `models.StoredBatch` stores them.

Without numpy, which an API process does not load.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

HIGHEST = 0x80
# The set bits of each byte, from the highest on.
PLACES = [[at for at in range(8) if byte & HIGHEST >> at] for byte in range(256)]


class RowBits:
    """A set of rows."""

    def __init__(self, stored: bytes | None, first_row: int):
        self._bits = b"" if stored is None else zlib.decompress(stored)
        self._first_row = first_row

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "big").bit_count()

    def __contains__(self, row: int) -> bool:
        byte, bit = divmod(row - self._first_row, 8)
        return 0 <= byte < len(self._bits) and bool(self._bits[byte] & HIGHEST >> bit)

    def __iter__(self) -> Iterator[int]:
        for number, byte in enumerate(self._bits):
            for at in PLACES[byte]:
                yield self._first_row + 8 * number + at
