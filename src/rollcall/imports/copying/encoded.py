"""Batches whose contacts are encoded for a COPY."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from rollcall.imports.batching.batch import Batch, Partition


class CopyForm(enum.Enum):
    """The two ways of contacts into the database."""

    # Whole rows, straight into the table of contacts: all of them have to be new.
    DIRECT = "direct"
    # Rows of the batch table, which is then merged into the table of contacts.
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class EncodedPartition:
    """A partition, and the chunks of a COPY of its contacts in the form that is likely needed."""

    partition: Partition
    form: CopyForm
    chunks: list[bytes]


@dataclass(frozen=True, kw_only=True)
class EncodedBatch:
    """A batch, and its partitions as a COPY takes them."""

    batch: Batch
    partitions: list[EncodedPartition]
