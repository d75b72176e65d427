"""What merging has made of contacts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
ID_BYTES = 16


def _none(width: int) -> Bytes:
    return np.empty((0, width), np.uint8)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Which contacts were created and changed, and who had unsubscribed, where it matters.

    `created` has an id in each row, that of the batch. `changed` has two of a contact that was
    stored and that a record has changed: the one that the batch had for it, and its own.
    """

    created: Bytes = field(default_factory=lambda: _none(ID_BYTES))
    changed: Bytes = field(default_factory=lambda: _none(2 * ID_BYTES))
    unsubscribed: list[str] = field(default_factory=list)

    def __add__(self, other: Merged) -> Merged:
        return Merged(
            created=np.concatenate([self.created, other.created]),
            changed=np.concatenate([self.changed, other.changed]),
            unsubscribed=self.unsubscribed + other.unsubscribed,
        )


def are_among(ids: Bytes, some: Bytes) -> npt.NDArray[np.bool_]:
    """Tell of each id whether it is one of some others."""
    return np.isin(_whole(ids), _whole(some), assume_unique=True)


def _whole(ids: Bytes) -> npt.NDArray[np.void]:
    return np.ascontiguousarray(ids).view(f"V{ID_BYTES}")[:, 0]
