"""Batches whose contacts are encoded for a COPY."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from rollcall.imports.batching.batch import Batch, Partition


class CopyForm(enum.Enum):
    """The two ways of contacts into the database."""

    # Whole rows, straight into the table of contacts: all of them have to be new.
    DIRECT = "direct"
    # An array for each column, with which the stored contacts are compared.
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class EncodedPartition:
    """A partition in the form that is likely needed.

    `chunks` are those of a COPY of its contacts, or the arrays of `contact_rows.MERGED`.
    """

    partition: Partition
    form: CopyForm
    chunks: list[bytes]


@dataclass(frozen=True, kw_only=True)
class EncodedBatch:
    """A batch, and its partitions as the database takes them."""

    batch: Batch
    partitions: list[EncodedPartition]
