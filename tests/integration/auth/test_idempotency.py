"""Requests that are sent again with the same `Idempotency-Key`."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.auth.expiry import purge_expired
from rollcall.config import Settings
from tests.integration.imports.intake.test_upload import stored_files

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


HEADER = b"email,First,Plan,Age\na@example.com,Ada,pro,3\n"
MAP = (
    '{"email":"email","first_name":"First","properties":'
    '{"plan":{"column":"Plan","type":"string"},"age":{"column":"Age","type":"number"}}}'
)
SAME_UPLOADS: list[dict[str, str]] = [
    # In another order, and with other blanks.
    {
        "column_map": ' { "properties": {"age": {"type":"number", "column":"Age"},\n'
        '"plan":{"type": "string","column": " Plan "}}, "first_name":"First","email":"email" }'
    },
    # In the spelling of JavaScript, without defaults, and with what is null.
    {
        "column_map": '{"firstName":"First","properties":{"age":{"column":"Age","type":"number"},'
        '"plan":{"column":"Plan"}},"last_name":null}',
    },
    {"column_map": MAP, "on_conflict": "upsert"},
    {"column_map": MAP, "dry_run": "false", "resubscribe": "true"},
    {"column_map": MAP, "segments": "[]", "topics": " [ ] "},
    {"column_map": MAP, "segments": "", "topics": "null"},
    {"column_map": MAP, "utm_source": "ignored"},
]
OTHER_UPLOADS: list[dict[str, str]] = [
    {},
    {"column_map": MAP.replace("First", "Plan")},
    {"column_map": MAP.replace("number", "string")},
    {"column_map": MAP.replace('"age"', '"years"')},
    {"column_map": MAP, "on_conflict": "skip"},
    {"column_map": MAP, "dry_run": "true"},
    {"column_map": MAP, "resubscribe": "false"},
]


def test_uploads_that_say_the_same_in_other_words(
    client: httpx.Client, connection: Connection, subtests: pytest.Subtests
) -> None:
    ask: dict[str, Any] = {"headers": {"Idempotency-Key": "key"}, "files": {"file": HEADER}}
    first = client.post("/contacts/imports", data={"column_map": MAP}, **ask)
    assert first.status_code == 201
    for other in SAME_UPLOADS:
        with subtests.test(**other):
            again = client.post("/contacts/imports", data=other, **ask)
            assert (again.status_code, again.json()) == (201, first.json())
    for other in OTHER_UPLOADS:
        with subtests.test(**other):
            refused = client.post("/contacts/imports", data=other, **ask)
            assert refused.status_code == 409
            assert refused.json()["name"] == "invalid_idempotent_request"
    assert count(connection) == 1


def test_segments_and_topics_in_another_order(client: httpx.Client) -> None:
    segments = [client.post("/segments", json={"name": n}).json()["id"] for n in "ab"]
    topics = [
        client.post("/topics", json={"name": n, "default_subscription": "opt_in"}).json()["id"]
        for n in "ab"
    ]
    choices = [{"id": id_, "subscription": "opt_out"} for id_ in topics]
    first = upload(client, "key", segments=json.dumps(segments), topics=json.dumps(choices))
    again = upload(
        client,
        "key",
        segments=json.dumps([{"id": id_.upper()} for id_ in reversed(segments)]),
        topics=json.dumps(choices[::-1]),
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = upload(client, "key", segments=json.dumps(segments[:1]), topics=json.dumps(choices))
    assert other.status_code == 409


def test_a_map_of_what_would_be_found_without_one(client: httpx.Client) -> None:
    first = upload(client, "key")
    again = upload(client, "key", column_map='{"email": "email"}')
    assert (first.json(), again.status_code) == (again.json(), 201)


SAME_JSON: list[tuple[str, str, list[str]]] = [
    (
        "/contacts",
        '{"email":"a@example.com","first_name":"A","unsubscribed":true}',
        [
            '{"unsubscribed": true,\n "first_name": "A", "email": " A@Example.com "}',
            '{"email":"a@example.com","first_name":"A","unsubscribed":true,"last_name":null}',
            '{"email":"a@example.com","first_name":"\\u0041","unsubscribed":true,"x":[1]}',
            '{"email":"a@example.com","first_name":"A","unsubscribed":true,"segments":[]}',
        ],
    ),
    ("/segments", '{"name":"a"}', ['{ "name" : "a" }', '{"name":"a","id":7}']),
    ("/audiences", '{"name":"a"}', ['{"name":  "a"}']),
    (
        "/topics",
        '{"name":"a","default_subscription":"opt_in"}',
        [
            '{"default_subscription":"opt_in","name":"a"}',
            '{"default_subscription":"opt_in","name":"a","visibility":"private"}',
            '{"default_subscription":"opt_in","name":"a","visibility":null,"description":null}',
        ],
    ),
    (
        "/contact-properties",
        '{"key":"a","type":"string"}',
        ['{"type":"string","key":"a"}', '{"key":"a","type":"string","fallback_value":null}'],
    ),
    (
        "/api-keys",
        '{"name":"a"}',
        ['{"name":"a","permission":"full_access"}', '{"permission":null, "name":"a"}'],
    ),
]


@pytest.mark.parametrize(("path", "body", "others"), SAME_JSON)
def test_json_that_says_the_same_in_other_words(
    client: httpx.Client, path: str, body: str, others: list[str]
) -> None:
    headers = {"Idempotency-Key": "key", "Content-Type": "application/json"}
    first = client.post(path, content=body, headers=headers)
    assert first.status_code == 201, first.text
    for other in others:
        again = client.post(path, content=other, headers=headers)
        assert (again.status_code, again.json()) == (201, first.json()), other


def test_what_is_said_of_unsubscribing_counts(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "key"}
    client.post("/contacts", json={"email": "a@example.com"}, headers=headers)
    body = {"email": "a@example.com", "unsubscribed": False}
    assert client.post("/contacts", json=body, headers=headers).status_code == 409
