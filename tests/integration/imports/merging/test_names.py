"""Contacts that were imported are found by their names."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from rollcall.sweeps.names import sort_names
from tests.support.uploads import Importer

Connection = psycopg.Connection[Any]
HEADER = b"email,first_name,last_name\n"


def search(client: httpx.Client, text: str) -> list[str]:
    data = client.get("/contacts", params={"search": text}).json()["data"]
    return [contact["email"] for contact in data]


def waiting(connection: Connection) -> list[Any]:
    return connection.execute(
        "SELECT last_id IS NOT NULL, cardinality(contact_ids) FROM contact_names_pending"
        " ORDER BY id"
    ).fetchall()


@pytest.mark.parametrize("is_sorted", [False, True])
def test_created_and_renamed(
    client: httpx.Client, importer: Importer, connection: Connection, is_sorted: bool
) -> None:
    importer.run(HEADER + b"a@example.com,Ada,One\nb@example.com,Bea,Two\n")
    assert waiting(connection) == [(True, None)]
    if is_sorted:
        sort_names(connection)
    assert search(client, "ada") == ["a@example.com"]
    importer.run(HEADER + b"a@example.com,Eve,\nb@example.com,,Two\nc@example.com,Cleo,Two\n")
    assert waiting(connection)[-1] == (False, 2)
    if is_sorted:
        sort_names(connection)
    assert search(client, "ada") == []
    assert search(client, "eve") == search(client, "one") == ["a@example.com"]
    assert search(client, "two") == ["b@example.com", "c@example.com"]


def test_nothing_waits_where_no_name_is_new(
    client: httpx.Client, importer: Importer, connection: Connection
) -> None:
    rows = HEADER + b"a@example.com,Ada,One\n"
    importer.run(rows, dry_run="true")
    importer.run(b"email\na@example.com\n", on_conflict="skip")
    importer.run(b"email\nb@example.com\n")
    assert waiting(connection) == []
    importer.run(rows)
    importer.run(rows)
    importer.run(rows + b"c@example.com,Cy,\n", on_conflict="skip")
    assert waiting(connection) == [(False, 1), (False, 1)]
