"""Ids of what an import says of its rows: made of the import and the row, and stored nowhere."""

from __future__ import annotations

import hashlib
import uuid

VERSION_8 = 8 << 76
VARIANT = 2 << 62
PAYLOAD = (1 << 62) - 1


class ItemIds:
    """The ids of one list of one import, in the order of that list.

    UUIDv8 (RFC 9562): 60 bits of a hash of the list and the import, so that no two lists share
    an id, then 54 bits of row and 8 bits that tell several items of a row apart.
    """

    def __init__(self, kind: str, import_id: uuid.UUID):
        digest = hashlib.sha256(kind.encode() + import_id.bytes).digest()
        high = int.from_bytes(digest[:6], "big") << 80
        low = (int.from_bytes(digest[6:8], "big") & 0xFFF) << 64
        self._prefix = high | VERSION_8 | low | VARIANT

    def make(self, row: int, number: int = 0) -> uuid.UUID:
        """Return the id of an item."""
        return uuid.UUID(int=self._prefix | row << 8 | number)

    def read(self, id_: uuid.UUID) -> tuple[int, int]:
        """Return an item's row and number.

        Raises:
            ValueError: it is no id of this list.
        """
        if id_.int & ~PAYLOAD != self._prefix:
            raise ValueError(id_)
        return divmod(id_.int & PAYLOAD, 1 << 8)
