"""The ids of new contacts, in the order of the file."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt


def own_clock() -> int:
    """Return this machine's time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class IdSource:
    """Gives out UUIDv7 (RFC 9562) whose order is the order of the ordinals, batch after batch.

    48 bits of milliseconds, 20 bits of ordinal where the RFC allows a counter, 54 random bits.
    """

    ORDINALS = 1 << 20

    def __init__(self, now: Callable[[], int] = own_clock) -> None:
        self._now = now
        self._last = 0
        self._random = np.random.default_rng()

    def take(self, ordinals: np.ndarray) -> npt.NDArray[np.uint8]:
        """Return an id of 16 bytes for each ordinal of a batch."""
        ordinal = ordinals.astype(np.uint64)
        # A batch larger than the counter takes up more milliseconds than one.
        milliseconds = np.uint64(self._next(ordinals)) + ordinal // np.uint64(self.ORDINALS)
        counter = ordinal % np.uint64(self.ORDINALS)
        ids = np.empty((len(ordinals), 2), dtype=">u8")
        version, variant = np.uint64(0x7000), np.uint64(1 << 63)
        ids[:, 0] = (milliseconds << np.uint64(16)) | version | (counter >> np.uint64(8))
        ids[:, 1] = (
            variant
            | ((counter & np.uint64(0xFF)) << np.uint64(54))
            | self._random.integers(0, 1 << 54, len(ordinals), dtype=np.uint64)
        )
        return ids.view(np.uint8)

    def _next(self, ordinals: np.ndarray) -> int:
        first = max(self._now(), self._last + 1)
        self._last = first + int(ordinals.max()) // self.ORDINALS
        return first


def milliseconds_of(id_: npt.NDArray[np.uint8]) -> int:
    """Return the milliseconds since 1970 that an id begins with."""
    return int.from_bytes(id_[:6].tobytes(), "big")


def ordinals_of(ids: npt.NDArray[np.uint8], milliseconds: int) -> npt.NDArray[np.int64]:
    """Return the ordinals of ids of one batch, given the milliseconds of those that are small."""
    words = np.ascontiguousarray(ids).view(">u8").astype(np.uint64).reshape(-1, 2)
    since = (words[:, 0] >> np.uint64(16)) - np.uint64(milliseconds)
    counter = (words[:, 0] & np.uint64(0xFFF)) << np.uint64(8)
    counter |= (words[:, 1] >> np.uint64(54)) & np.uint64(0xFF)
    return (since * np.uint64(IdSource.ORDINALS) + counter).astype(np.int64)
