"""Unsubscribed contacts in a file that says otherwise: what is stored, and what is warned of."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.resources import show
from tests.support.uploads import Importer

MAP = {"email": "E-Mail", "unsubscribed": "out"}
# Ann is stored as unsubscribed, Bob as subscribed, all others are new.
STORED = b"email,unsubscribed\nann@b.co,yes\nbob@b.co,no\n"
FILE = b"""E-Mail,out
Ann@b.co,no
bob@b.co,no
new@b.co,no
ann@b.co,no
off@b.co,yes
off@b.co,no
ann@b.co,
bob@b.co,yes
ann@b.co,yes
bob@b.co,no
bob@b.co,no
ann@b.co,no
"""


def warned(importer: Importer, path: str, code: str) -> list[int]:
    response = importer.client.get(f"{path}/warnings", params={"code": code, "limit": 100})
    rows = [warning["row"] for warning in response.json()["data"]]
    assert show(importer.client, path)["warnings"].get(code, 0) == len(rows)
    return rows


def unsubscribed(client: httpx.Client) -> set[str]:
    contacts: list[dict[str, Any]] = client.get("/contacts").json()["data"]
    return {contact["email"] for contact in contacts if contact["unsubscribed"]}


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_who_has_unsubscribed_is_subscribed_again(importer: Importer, batch_rows: int) -> None:
    importer.run(STORED)
    importer = dataclasses.replace(importer, batch_rows=batch_rows)
    path = importer.run(FILE, column_map=MAP)
    assert warned(importer, path, "resubscribed") == [2, 7, 11, 13]
    assert warned(importer, path, "kept_unsubscribed") == []
    assert unsubscribed(importer.client) == set()
    (first, *_) = importer.client.get(f"{path}/warnings?code=resubscribed").json()["data"]
    assert (first["column"], first["value"]) == ("E-Mail", "ann@b.co")


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_who_has_unsubscribed_stays_so(importer: Importer, batch_rows: int) -> None:
    importer.run(STORED)
    importer = dataclasses.replace(importer, batch_rows=batch_rows)
    path = importer.run(FILE, column_map=MAP, resubscribe="false")
    assert warned(importer, path, "resubscribed") == []
    assert warned(importer, path, "kept_unsubscribed") == [2, 5, 7, 11, 12, 13]
    assert unsubscribed(importer.client) == {"ann@b.co", "bob@b.co", "off@b.co"}


@pytest.mark.parametrize("resubscribe", ["true", "false"])
def test_skipped_contacts_do_not_hear_of_it(importer: Importer, resubscribe: str) -> None:
    importer.run(STORED)
    path = importer.run(FILE, column_map=MAP, resubscribe=resubscribe, on_conflict="skip")
    assert warned(importer, path, "resubscribed") == []
    assert warned(importer, path, "kept_unsubscribed") == []
    assert unsubscribed(importer.client) == {"ann@b.co", "off@b.co"}


def test_a_contact_that_stays_unsubscribed_is_not_written(
    importer: Importer, connection: psycopg.Connection[Any]
) -> None:
    importer.run(STORED)
    versions = "SELECT email, xmin, updated_at FROM contacts ORDER BY email"
    before = connection.execute(versions).fetchall()
    data = b"email,unsubscribed\nann@b.co,no\nbob@b.co,no\nann@b.co,yes\nann@b.co,no\n"
    path = importer.run(data, resubscribe="false")
    assert connection.execute(versions).fetchall() == before
    counts = {"total": 4, "created": 0, "updated": 4, "skipped": 0, "failed": 0}
    assert show(importer.client, path)["counts"] == counts
