"""Requests that are sent again with the same `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.expiry import purge_expired
from tests.integration.imports.test_upload import stored_files

Connection = psycopg.Connection[Any]
FILE = {"file": ("c.csv", b"email\na@example.com\n")}
JSON_POSTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/contacts", {"email": "a@example.com"}, {"email": "b@example.com"}),
    ("/segments", {"name": "a"}, {"name": "b"}),
    (
        "/topics",
        {"name": "a", "default_subscription": "opt_in"},
        {"name": "b", "default_subscription": "opt_in"},
    ),
    ("/contact-properties", {"key": "a", "type": "string"}, {"key": "b", "type": "string"}),
    ("/audiences", {"name": "a"}, {"name": "b"}),
]


def upload(client: httpx.Client, key: str, **fields: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return client.post("/contacts/imports", files=FILE, data=fields, headers=headers)


def count(connection: Connection, table: str = "contact_imports") -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_an_upload_sent_again_is_answered_again(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    first = upload(client, "key")
    again = upload(client, "key")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert count(connection) == 1
    assert len(stored_files(settings)) == 1


def test_the_same_key_with_another_payload_is_refused(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    upload(client, "key")
    other = upload(client, "key", on_conflict="skip")
    assert other.status_code == 409
    assert other.json()["name"] == "invalid_idempotent_request"
    assert count(connection) == 1
    assert len(stored_files(settings)) == 1


def test_another_teams_key_is_another_key(
    client: httpx.Client, other_client: httpx.Client, connection: Connection
) -> None:
    ids = {upload(c, "key").json()["id"] for c in (client, other_client)}
    assert len(ids) == count(connection) == 2


def test_many_at_the_same_time_do_it_once(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: upload(client, "key"), range(16)))
    assert count(connection) == 1
    assert len(stored_files(settings)) == 1
    created = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(created) == 1
    refused = {answer.json()["name"] for answer in answers if answer.status_code != 201}
    assert refused <= {"concurrent_idempotent_requests"}


def test_a_request_that_is_still_running(
    client: httpx.Client, connection: Connection, team_id: object
) -> None:
    with connection.transaction():
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{team_id} key",)
        )
        busy = upload(client, "key")
    assert (busy.status_code, busy.json()["name"]) == (409, "concurrent_idempotent_requests")
    assert upload(client, "key").status_code == 201


def test_a_request_that_failed_is_not_remembered(
    client: httpx.Client, connection: Connection
) -> None:
    assert upload(client, "key", on_conflict="nonsense").status_code == 422
    assert upload(client, "key").status_code == 201
    assert count(connection) == 1


@pytest.mark.parametrize("key", ["", "x" * 257])
def test_a_bad_key(client: httpx.Client, key: str) -> None:
    for answer in (
        upload(client, key),
        client.post("/segments", json={"name": "a"}, headers={"Idempotency-Key": key}),
    ):
        assert answer.status_code == 400
        assert answer.json()["name"] == "invalid_idempotency_key"
    assert upload(client, "x" * 256).status_code == 201


@pytest.mark.parametrize(("path", "body", "other"), JSON_POSTS)
def test_other_creating_posts(
    client: httpx.Client, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    headers = {"Idempotency-Key": "key"}
    first = client.post(path, json=body, headers=headers)
    again = client.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    refused = client.post(path, json=other, headers=headers)
    assert (refused.status_code, refused.json()["name"]) == (409, "invalid_idempotent_request")
    assert len(client.get(path).json()["data"]) == 1


def test_a_new_api_key_is_answered_again_although_its_token_is_not_kept(
    api: str, client: httpx.Client, make_key: Callable[[str], str], connection: Connection
) -> None:
    headers = {"Idempotency-Key": "key"}
    first = client.post("/api-keys", json={"name": "new"}, headers=headers)
    again = client.post("/api-keys", json={"name": "new"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    token = first.json()["token"]
    opened = httpx.get(f"{api}/segments", headers={"Authorization": f"Bearer {token}"})
    assert opened.status_code == 200
    kept = connection.execute("SELECT answer::text FROM idempotency_keys").fetchone()
    assert kept is not None
    assert token not in kept[0]
    colleague = {**headers, "Authorization": f"Bearer {make_key('team a')}"}
    refused = httpx.post(f"{api}/api-keys", json={"name": "new"}, headers=colleague)
    assert (refused.status_code, refused.json()["name"]) == (409, "invalid_idempotent_request")


def test_a_key_is_forgotten_after_a_day(client: httpx.Client, connection: Connection) -> None:
    upload(client, "used again")
    upload(client, "not used again")
    connection.execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
    assert upload(client, "used again", on_conflict="skip").status_code == 201
    purge_expired(connection)
    left = connection.execute("SELECT key FROM idempotency_keys").fetchall()
    assert left == [("used again",)]
