"""Columns of a batch as parameters of a statement: arrays in PostgreSQL's binary format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg.abc import PyFormat
from psycopg.adapt import Dumper
from psycopg.pq import Format

from rollcall.database.connections import Connection
from rollcall.imports.batching.batch import Contacts
from rollcall.imports.copying.binary_copy import Uuids, encode_array
from rollcall.imports.copying.contact_rows import MERGED, UUID, encode_emails


@dataclass(frozen=True)
class BinaryArray:
    """An array as it goes over the wire, and its type."""

    data: bytes
    oid: int


class _ArrayDumper(Dumper):
    """Hands on what is encoded already; one for each type."""

    format = Format.BINARY

    def get_key(self, obj: Any, format: PyFormat) -> Any:  # noqa: A002  (the driver's name for it)
        return self.cls, obj.oid

    def upgrade(self, obj: Any, format: PyFormat) -> Dumper:  # noqa: A002
        dumper = type(self)(self.cls)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: BinaryArray) -> bytes:
        return obj.data


def register(connection: Connection) -> None:
    """Let a connection take arrays as parameters."""
    connection.adapters.register_dumper(BinaryArray, _ArrayDumper)


def as_parameters(chunks: Sequence[bytes]) -> dict[str, BinaryArray | None]:
    """Return the arrays of `encode_merged` by the names of their parameters."""
    return {
        name: BinaryArray(data, oid) if data else None
        for data, (name, (_, oid)) in zip(chunks, MERGED.items(), strict=True)
    }


def emails_of(contacts: Contacts) -> BinaryArray:
    """Return the addresses alone."""
    return BinaryArray(encode_emails(contacts), MERGED["emails"][1])


def as_array(ids: npt.NDArray[np.uint8]) -> BinaryArray:
    """Return ids, 16 bytes each."""
    element, array = UUID
    return BinaryArray(encode_array(Uuids(ids), element, len(ids)), array)
