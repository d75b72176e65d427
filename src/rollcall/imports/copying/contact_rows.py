"""Contacts as rows of a binary COPY, in the forms in which they go into the database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import numpy as np
import polars as pl

from rollcall.imports.batching.batch import Contacts
from rollcall.imports.copying.binary_copy import (
    JSONB_VERSION,
    Booleans,
    Column,
    Jsonbs,
    Same,
    Texts,
    Uuids,
    encode_array,
    encode_rows,
)

# What a merge takes, by the names of its parameters: the types of the elements and of the array.
TEXT, BOOLEAN, JSONB, UUID = (25, 1009), (16, 1000), (3802, 3807), (2950, 2951)
MERGED = {
    "emails": TEXT,
    "first_names": TEXT,
    "last_names": TEXT,
    "unsubscribed": BOOLEAN,
    "properties": JSONB,
    "conflicting": BOOLEAN,
}


def encode_direct(
    contacts: Contacts, team_id: uuid.UUID, topic_choices: dict[str, str]
) -> Iterator[bytes]:
    """Encode whole rows of `contacts`, with the defaults of what has no value."""
    fields = contacts.fields.with_columns(
        pl.col("unsubscribed").fill_null(False),
        pl.col("properties").fill_null("{}"),
    )
    columns: list[Column] = [
        Same(team_id.bytes),
        Uuids(contacts.ids),
        *(Texts(fields[name]) for name in ("email", "first_name", "last_name")),
        Booleans(fields["unsubscribed"]),
        Jsonbs(fields["properties"]),
    ]
    if topic_choices:
        choices = json.dumps(topic_choices)
        columns.append(Same((JSONB_VERSION + choices).encode()))
    return encode_rows(columns, fields.height)


def encode_merged(contacts: Contacts) -> list[bytes]:
    """Encode an array for each of `MERGED`, where NULL is "no value"; empty bytes have none."""
    fields = contacts.fields
    columns: list[tuple[pl.Series, Column]] = [
        *((fields[name], Texts(fields[name])) for name in ("email", "first_name", "last_name")),
        (fields["unsubscribed"], Booleans(fields["unsubscribed"])),
        (fields["properties"], Jsonbs(fields["properties"])),
    ]
    arrays = [
        b"" if values.null_count() == fields.height else encode_array(column, oid, fields.height)
        for (values, column), (oid, _) in zip(columns, MERGED.values(), strict=False)
    ]
    conflicting = fields["conflicting"]
    is_any = bool(conflicting.any())
    oid, _ = MERGED["conflicting"]
    return [*arrays, encode_array(Booleans(conflicting), oid, fields.height) if is_any else b""]


def encode_emails(contacts: Contacts) -> bytes:
    """Encode the array of the addresses alone."""
    oid, _ = MERGED["emails"]
    return encode_array(Texts(contacts.fields["email"]), oid, contacts.fields.height)


def encode_memberships(
    team_id: uuid.UUID, segment: uuid.UUID, contacts: Contacts
) -> Iterator[bytes]:
    """Encode a segment's memberships, in the order of their index."""
    words = contacts.ids.view(">u8")
    ordered = contacts.ids[np.lexsort((words[:, 1], words[:, 0]))]
    return encode_rows([Same(team_id.bytes), Same(segment.bytes), Uuids(ordered)], len(ordered))
