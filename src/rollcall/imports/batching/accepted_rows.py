"""Which rows of the file a batch accepts, and of which of them the ids of its contacts tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from rollcall.imports.batching.ids import milliseconds_of, ordinals_of

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class AcceptedRows:
    """The accepted records of a batch, of which there is at least one.

    `first` is the first one's row, and `is_accepted` says of each row from there on whether its
    record is one. An id of the batch has the place of a contact's first row among them for its
    ordinal; those of `first` are of `milliseconds`. `repeats` are the first and the last row of
    each address that several of them have, in the order of the first ones.
    """

    first: int
    is_accepted: Mask
    milliseconds: int
    repeats: Rows

    @property
    def last(self) -> int:
        """The row of the last one."""
        return self.first + len(self.is_accepted) - 1

    def first_rows(self, ids: npt.NDArray[np.uint8]) -> Rows:
        """Return the first row of each contact, by the ids that the batch has for them."""
        return self.first + ordinals_of(ids, self.milliseconds)

    def last_rows(self, ids: npt.NDArray[np.uint8]) -> Rows:
        """Return the last row of each contact, by the ids that the batch has for them."""
        rows = self.first_rows(ids)
        firsts, lasts = self.repeats
        if len(firsts):
            places = np.minimum(np.searchsorted(firsts, rows), len(firsts) - 1)
            rows = np.where(firsts[places] == rows, lasts[places], rows)
        return rows

    def mask(self, rows: Rows) -> Mask:
        """Return which of the rows from the first one on these are."""
        mask = np.zeros(len(self.is_accepted), np.bool_)
        mask[rows - self.first] = True
        return mask


def find_accepted_rows(
    records: pl.DataFrame, repeated: pl.Series, ids: npt.NDArray[np.uint8]
) -> AcceptedRows:
    """Return the rows of a batch.

    Args:
        records: at least one, in the order of `email`, `row`.
        repeated: which of them have the address of the one before.
        ids: 16 bytes for each address, in their order.
    """
    rows = records["row"].to_numpy()
    is_repeated = repeated.to_numpy()
    first_rows = rows[~is_repeated]
    at = int(first_rows.argmin())
    first = int(first_rows[at])
    is_accepted = np.zeros(int(rows.max()) - first + 1, np.bool_)
    is_accepted[rows - first] = True
    last_rows = rows[np.append(~is_repeated[1:], True)]
    several = np.flatnonzero(first_rows != last_rows)
    in_order = several[np.argsort(first_rows[several])]
    return AcceptedRows(
        first=first,
        is_accepted=is_accepted,
        milliseconds=milliseconds_of(ids[at]),
        repeats=np.stack([first_rows[in_order], last_rows[in_order]]),
    )
