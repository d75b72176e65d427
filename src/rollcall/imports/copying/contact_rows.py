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
    encode_rows,
)


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


def encode_merged(contacts: Contacts) -> Iterator[bytes]:
    """Encode rows of the batch table, where NULL is "no value"."""
    fields = contacts.fields
    columns: list[Column] = [
        Uuids(contacts.ids),
        *(Texts(fields[name]) for name in ("email", "first_name", "last_name")),
        Booleans(fields["unsubscribed"]),
        Jsonbs(fields["properties"]),
        Booleans(fields["conflicting"]),
    ]
    return encode_rows(columns, fields.height)


def encode_memberships(
    team_id: uuid.UUID, segment: uuid.UUID, contacts: Contacts
) -> Iterator[bytes]:
    """Encode a segment's memberships, in the order of their index."""
    words = contacts.ids.view(">u8")
    ordered = contacts.ids[np.lexsort((words[:, 1], words[:, 0]))]
    return encode_rows([Same(team_id.bytes), Same(segment.bytes), Uuids(ordered)], len(ordered))
