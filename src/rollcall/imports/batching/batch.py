"""Batches of distinct contacts, sorted by their addresses."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from rollcall.imports.batching.accepted_rows import AcceptedRows
from rollcall.imports.batching.consent import Consent
from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.issues import Failure, RowWarning


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """Distinct contacts in the order of their addresses.

    `fields` has the columns `email`, `first_name`, `last_name`, `unsubscribed`, `properties` (as
    JSON) and `conflicting`, which tells whether two of a contact's records have different
    values for one field; null is "no value". `ids` is an array of 16 bytes for each row, the id
    that the contact gets if it is created. `rows` are the first rows of the file that have the
    address.
    """

    fields: pl.DataFrame
    ids: npt.NDArray[np.uint8]
    rows: pl.Series

    def filter(self, mask: pl.Series) -> Contacts:
        """Return those for which the mask is true."""
        return Contacts(
            fields=self.fields.filter(mask),
            ids=self.ids[mask.to_numpy()],
            rows=self.rows.filter(mask),
        )


@dataclass(frozen=True, kw_only=True)
class Partition:
    """Contacts of a batch: those that an earlier batch of the file had, or all others."""

    contacts: Contacts
    is_known: bool

    @property
    def size(self) -> int:
        """The number of contacts."""
        return self.contacts.fields.height


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The records up to `last_row` that no earlier batch had; a run numbers its batches from 0.

    `partitions` are what the `accepted` records come to, none when there are none. Reading can go
    on at `resume`. `rows` tell of the accepted records, None when there are none. `consent` are the
    records that say "subscribed", where that may deserve a warning.
    """

    number: int
    partitions: list[Partition]
    accepted: int
    failures: list[Failure]
    last_row: int
    resume: Checkpoint
    is_last: bool
    warnings: list[RowWarning] = field(default_factory=list)
    rows: AcceptedRows | None = None
    consent: Consent | None = None
