"""Contacts in the forms in which they are copied, read again byte by byte."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.batching.batch import Contacts
from rollcall.imports.copying.contact_rows import (
    MERGED,
    encode_direct,
    encode_memberships,
    encode_merged,
)
from tests.support.binary_copy import Row, decode_array, decode_rows
from tests.support.cell_strategies import texts

TEAM, SEGMENT, TOPIC = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
# Before the text of a jsonb stands the version of its format, which is 1.
JSONB_1 = b"\x01"


@dataclass(frozen=True)
class Person:
    id: uuid.UUID
    email: str
    first_name: str | None
    last_name: str | None
    unsubscribed: bool | None
    properties: str | None
    conflicting: bool


PEOPLE = st.lists(
    st.builds(
        Person,
        st.uuids(),
        st.just("a@b.co") | st.just("o'neil@b.co"),
        st.none() | texts(),
        st.none() | texts(),
        st.none() | st.booleans(),
        st.none() | st.dictionaries(st.just("p"), texts(), min_size=1).map(json.dumps),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def contacts(people: list[Person]) -> Contacts:
    ids = b"".join(person.id.bytes for person in people)
    return Contacts(
        fields=pl.DataFrame(
            [
                [p.email, p.first_name, p.last_name, p.unsubscribed, p.properties, p.conflicting]
                for p in people
            ],
            schema={
                "email": pl.String,
                "first_name": pl.String,
                "last_name": pl.String,
                "unsubscribed": pl.Boolean,
                "properties": pl.String,
                "conflicting": pl.Boolean,
            },
            orient="row",
        ),
        ids=np.frombuffer(ids, np.uint8).reshape(-1, 16),
        rows=pl.Series(range(2, len(people) + 2), dtype=pl.Int64),
    )


def text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def boolean(value: bool | None) -> bytes | None:
    return None if value is None else bytes([value])


def jsonb(value: str | None) -> bytes | None:
    return None if value is None else JSONB_1 + value.encode()


@given(people=PEOPLE)
def test_merged_arrays_have_null_where_there_is_no_value(people: list[Person]) -> None:
    expected: list[Row] = [
        [person.email.encode() for person in people],
        [text(person.first_name) for person in people],
        [text(person.last_name) for person in people],
        [boolean(person.unsubscribed) for person in people],
        [jsonb(person.properties) for person in people],
        [boolean(person.conflicting) for person in people],
    ]
    arrays = encode_merged(contacts(people))
    for encoded, values, (oid, _) in zip(arrays, expected, MERGED.values(), strict=True):
        if encoded:
            assert decode_array(encoded) == (oid, values)
        else:
            assert all(value in (None, boolean(False)) for value in values)


@pytest.mark.parametrize("choices", [{}, {str(TOPIC): "opt_in"}])
@given(people=PEOPLE)
def test_direct_rows_have_the_defaults_of_a_new_contact(
    people: list[Person], choices: dict[str, str]
) -> None:
    topics: Row = [jsonb(json.dumps(choices))] if choices else []
    expected: list[Row] = [
        [
            TEAM.bytes,
            person.id.bytes,
            person.email.encode(),
            text(person.first_name),
            text(person.last_name),
            boolean(bool(person.unsubscribed)),
            jsonb(person.properties or "{}"),
            *topics,
        ]
        for person in people
    ]
    assert decode_rows(b"".join(encode_direct(contacts(people), TEAM, choices))) == expected


@given(people=PEOPLE)
def test_memberships_come_in_the_order_of_their_index(people: list[Person]) -> None:
    ids = sorted(person.id.bytes for person in people)
    expected: list[Row] = [[TEAM.bytes, SEGMENT.bytes, id_] for id_ in ids]
    encoded = encode_memberships(TEAM, SEGMENT, contacts(people))
    assert decode_rows(b"".join(encoded)) == expected


def test_many_rows_are_written_in_several_chunks_of_one_copy() -> None:
    count = 20_000
    people = [
        Person(uuid.UUID(int=n), f"{n}@b.co", None, "x" * (n % 7), None, None, n % 2 == 0)
        for n in range(count)
    ]
    chunks = list(encode_direct(contacts(people), TEAM, {}))
    assert len(chunks) > 3
    rows = decode_rows(b"".join(chunks))
    assert [row[2] for row in rows] == [person.email.encode() for person in people]
    assert [row[4] for row in rows] == [text(person.last_name) for person in people]
