"""The addresses of a file's earlier rows, in eight bytes each. Pure, and knows no database."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
Bitmap = npt.NDArray[np.uint8]

SEED = 20261121
# Below this number of addresses the arrays are searched faster without a bitmap before them.
MIN_FOR_BITMAP = 1 << 18
# So that at most an eighth of the bits are set.
BITS_PER_EMAIL = 8
# A longer array is not merged with others, which would take twice its size for a moment.
MAX_RUN = 1 << 19


class SeenEmails:
    """A set of addresses that grows batch by batch, and from which the last batches can be taken.

    It holds hashes of 64 bits: among ten million addresses two are taken for the same once in
    several hundred thousand files. They lie in sorted arrays, each at least twice as long as the
    next or MAX_RUN long. In a large set a bitmap tells of nearly all new addresses that they are
    new.

    Args:
        in_flight: how many of the last batches can be taken out again.
    """

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight
        self._runs: list[Hashes] = []
        self._merged_row = 0
        self._recent: list[tuple[int, Hashes]] = []
        self._bitmap: Bitmap | None = None

    @property
    def last_row(self) -> int:
        """The row up to which addresses are in the set."""
        return self._recent[-1][0] if self._recent else self._merged_row

    def add(self, emails: pl.Series, last_row: int) -> pl.Series:
        """Add the addresses of the rows up to `last_row`; tell for each whether it was there."""
        hashes: Hashes = emails.hash(SEED).to_numpy()
        in_order = np.sort(hashes)
        found = self._find(in_order)
        self._recent.append((last_row, in_order))
        if len(self._recent) > self._in_flight:
            self._merged_row, oldest = self._recent.pop(0)
            self._merge(oldest)
        self._mark(in_order)
        return pl.Series(np.isin(hashes, found) if len(found) else np.zeros(len(hashes), bool))

    def rewind(self, row: int) -> bool:
        """Take out what was added after a row; False when the set cannot end just there."""
        while self._recent and self._recent[-1][0] > row:
            # Its bits stay in the bitmap, which may say "perhaps" too often.
            self._recent.pop()
        return self.last_row == row

    def _find(self, hashes: Hashes) -> Hashes:
        if self._bitmap is not None:
            offsets, bits = _bits(hashes, self._bitmap)
            hashes = hashes[(self._bitmap[offsets] & bits) != 0]
        found = np.zeros(len(hashes), bool)
        for run in (*self._runs, *(recent for _, recent in self._recent)):
            if len(run):
                found |= run[np.minimum(np.searchsorted(run, hashes), len(run) - 1)] == hashes
        return hashes[found]

    def _merge(self, hashes: Hashes) -> None:
        while self._runs and len(self._runs[-1]) < min(2 * len(hashes), MAX_RUN):
            # This sort finds the two runs and only merges them.
            hashes = np.sort(np.concatenate([self._runs.pop(), hashes]), kind="stable")
        self._runs.append(hashes)

    def _mark(self, hashes: Hashes) -> None:
        runs = [*self._runs, *(recent for _, recent in self._recent)]
        count = sum(map(len, runs))
        if count < MIN_FOR_BITMAP:
            return
        if self._bitmap is not None and count * BITS_PER_EMAIL <= 8 * len(self._bitmap):
            runs = [hashes]
        else:
            # Twice as large as it has to be, and so made anew less and less often.
            bits = 1 << (count * BITS_PER_EMAIL).bit_length()
            self._bitmap = np.zeros(bits // 8, np.uint8)
        for run in runs:
            offsets, bit = _bits(run, self._bitmap)
            np.bitwise_or.at(self._bitmap, offsets, bit)


def _bits(hashes: Hashes, bitmap: Bitmap) -> tuple[npt.NDArray[np.int64], Bitmap]:
    """Return the byte of the bitmap and the bit in it that belong to each hash."""
    bits = 8 * len(bitmap)
    numbers = hashes >> np.uint64(65 - bits.bit_length())
    bit = np.left_shift(np.uint8(1), (numbers & np.uint64(7)).astype(np.uint8))
    return (numbers >> np.uint64(3)).astype(np.int64), bit
