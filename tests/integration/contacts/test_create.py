"""`POST /contacts`: new contacts, known ones, and everything that is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.resources import (
    NOBODY,
    create_contact,
    create_property,
    create_segment,
    create_topic,
    error,
    pages,
    show,
)

Connection = psycopg.Connection[Any]


def test_a_contact_with_everything(client: httpx.Client) -> None:
    create_property(client)
    segment = create_segment(client)
    topic_id = create_topic(client)
    id_ = create_contact(
        client,
        email=" Ada@Example.com ",
        first_name="Ada",
        last_name="Lovelace",
        unsubscribed=True,
        properties={"plan": "pro"},
        segments=[{"id": segment}],
        topics=[{"id": topic_id, "subscription": "opt_in"}],
        audience="ignored",
    )
    contact = show(client, f"/contacts/{id_}")
    assert contact.pop("created_at")
    assert contact == {
        "object": "contact",
        "id": id_,
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "unsubscribed": True,
        "properties": {"plan": {"value": "pro", "type": "string"}},
    }
    segments = client.get(f"/contacts/{id_}/segments").json()["data"]
    assert [item["id"] for item in segments] == [segment]
    topics = client.get(f"/contacts/{id_}/topics").json()["data"]
    assert [(item["id"], item["subscription"]) for item in topics] == [(topic_id, "opt_in")]


def test_a_known_address_keeps_its_id_and_gets_what_is_given(
    client: httpx.Client, connection: Connection
) -> None:
    create_property(client)
    create_property(client, "age", "number")
    id_ = create_contact(
        client, email="a@b.co", first_name="Ada", last_name="L", properties={"plan": "pro"}
    )
    again = create_contact(
        client, email="A@B.co", first_name="Eva", last_name=None, properties={"age": 36}
    )
    assert again == id_
    contact = show(client, f"/contacts/{id_}")
    assert (contact["first_name"], contact["last_name"]) == ("Eva", "L")
    assert contact["properties"] == {
        "plan": {"value": "pro", "type": "string"},
        "age": {"value": 36, "type": "number"},
    }
    moved = connection.execute("SELECT updated_at > created_at FROM contacts").fetchone()
    assert moved == (True,)


def test_updated_at_moves_only_when_something_differs(
    client: httpx.Client, connection: Connection
) -> None:
    choice = {"id": create_topic(client), "subscription": "opt_in"}
    create_contact(client, email="a@b.co", first_name="Ada")
    create_contact(client, email="a@b.co")
    create_contact(client, email="a@b.co", first_name="Ada", unsubscribed=False, topics=[choice])
    moved = connection.execute("SELECT updated_at > created_at FROM contacts").fetchone()
    assert moved == (False,)


def test_segments_as_bare_ids(client: httpx.Client) -> None:
    segment = create_segment(client)
    id_ = create_contact(client, email="a@b.co", segments=[segment, {"id": segment}])
    segments = client.get(f"/contacts/{id_}/segments").json()["data"]
    assert [item["name"] for item in segments] == ["Friends"]


def test_at_the_same_time_it_is_one_contact(client: httpx.Client) -> None:
    segment = create_segment(client)

    def post(number: int) -> httpx.Response:
        body = {"email": "a@b.co", "first_name": f"Ada {number}", "segments": [segment]}
        return client.post("/contacts", json=body)

    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(post, range(32)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["id"] for response in responses}) == 1


VALUES = [
    ("number", 36),
    ("number", -1.5),
    ("number", 10**300),
    ("number", 12345678901234567890123),
    ("boolean", False),
    ("string", ""),
    ("string", "x" * 10_000),
    ("string", "\U0001f980"),
]


def test_values_come_back_as_they_went(client: httpx.Client, subtests: pytest.Subtests) -> None:
    for type_ in ("number", "boolean", "string"):
        create_property(client, f"a_{type_}", type_)
    for type_, value in VALUES:
        with subtests.test(value=str(value)[:30]):
            id_ = create_contact(client, properties={f"a_{type_}": value})
            properties = show(client, f"/contacts/{id_}")["properties"]
            assert properties[f"a_{type_}"] == {"value": value, "type": type_}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"email": None}, "email"),
    ({"email": 7}, "email"),
    ({"email": "ada"}, "email"),
    ({"email": "a@b.co\x00"}, "email"),
    ({"email": "\ud800@b.co"}, "email"),
    ({"first_name": 7}, "first_name"),
    ({"first_name": "a\x00"}, "first_name"),
    ({"last_name": "\ud800"}, "last_name"),
    ({"last_name": "x" * 10_001}, "last_name"),
    ({"unsubscribed": "true"}, "unsubscribed"),
    ({"unsubscribed": 1}, "unsubscribed"),
    ({"properties": []}, "properties"),
    ({"properties": {"unknown": "x"}}, '"unknown" is not defined'),
    ({"properties": {"unknown\x00": "x"}}, "is not defined"),
    ({"properties": {"\ud800": "x"}}, "is not defined"),
    ({"properties": {"plan": 7}}, '"plan" must be a string'),
    ({"properties": {"plan": True}}, '"plan" must be a string'),
    ({"properties": {"plan": []}}, "properties.plan"),
    ({"properties": {"plan": "a\x00"}}, "properties.plan"),
    ({"properties": {"plan": "\udfff"}}, "properties.plan"),
    ({"properties": {"plan": "x" * 10_001}}, "properties.plan"),
    ({"properties": {"age": "36"}}, '"age" must be a number'),
    ({"properties": {"age": False}}, '"age" must be a number'),
    ({"properties": {"age": 10**400}}, "properties.age"),
    ({"properties": {"age": float("nan")}}, "properties.age"),
    ({"properties": {"age": float("-inf")}}, "properties.age"),
    ({"segments": [NOBODY]}, f"Segment {NOBODY} not found"),
    ({"segments": [{"id": "x"}]}, "segments.0.id"),
    ({"segments": [{}]}, "segments.0.id"),
    ({"segments": NOBODY}, "segments"),
    ({"topics": [{"id": NOBODY, "subscription": "opt_in"}]}, f"Topic {NOBODY} not found"),
    ({"topics": [{"id": NOBODY, "subscription": "yes"}]}, "topics.0.subscription"),
]


def test_what_is_refused(
    client: httpx.Client, connection: Connection, subtests: pytest.Subtests
) -> None:
    create_property(client)
    create_property(client, "age", "number")
    for body, message in REFUSED:
        with subtests.test(body=str(body)[:60]):
            # Written by json, as httpx refuses what is no valid JSON or Unicode.
            content = json.dumps({"email": "a@b.co", **body})
            headers = {"Content-Type": "application/json"}
            response = client.post("/contacts", content=content, headers=headers)
            status, name, found = error(response)
            assert (status, message in found) == (422, True), found
            assert name in {"validation_error", "missing_required_field"}
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (0,)


BODIES = [
    (b"{}", 422, "missing_required_field"),
    (b"", 422, "validation_error"),
    (b"[]", 422, "validation_error"),
    (b'"a@b.co"', 422, "validation_error"),
    (b"{", 422, "validation_error"),
    (b'{"email": "\xff"}', 400, "validation_error"),
    (b"[" * 100_000, 400, "validation_error"),
]


def test_bodies_that_are_none(client: httpx.Client, subtests: pytest.Subtests) -> None:
    headers = {"Content-Type": "application/json"}
    for content, status, name in BODIES:
        with subtests.test(content=content[:20]):
            response = client.post("/contacts", content=content, headers=headers)
            assert error(response)[:2] == (status, name)


def test_a_missing_field_is_named(client: httpx.Client) -> None:
    assert client.post("/contacts", json={}).json() == {
        "statusCode": 422,
        "message": "Missing `email` field.",
        "name": "missing_required_field",
    }


def test_a_body_in_chunks(client: httpx.Client) -> None:
    chunks = iter([b'{"email": ', b'"a@b.co"}'])
    headers = {"Content-Type": "application/json"}
    assert client.post("/contacts", content=chunks, headers=headers).status_code == 201


def test_the_older_name_of_a_segment(client: httpx.Client) -> None:
    audience, other = create_segment(client), create_segment(client)
    body = {"email": "ada@example.com", "audience_id": audience, "segments": [other]}
    id_ = client.post("/contacts", json=body).json()["id"]
    for segment in (audience, other):
        assert pages(client, f"/segments/{segment}/contacts", 10) == [[id_]]
    again = client.post("/contacts", json={"email": "ada@example.com", "audience_id": audience})
    assert (again.status_code, again.json()["id"]) == (201, id_)
    assert client.post("/contacts", json={**body, "audience_id": None}).status_code == 201


def test_an_audience_that_is_not_there(client: httpx.Client, connection: Connection) -> None:
    gone = create_segment(client)
    client.delete(f"/segments/{gone}")
    for audience, message in (
        (gone, f"Invalid `audience_id`: Segment {gone} not found."),
        (NOBODY, f"Invalid `audience_id`: Segment {NOBODY} not found."),
        ("x", 'Invalid `audience_id` field: it must be a UUID, not "x".'),
        (7, "Invalid `audience_id` field: it must be a UUID, not the number 7."),
    ):
        body = {"email": "ada@example.com", "audience_id": audience}
        assert error(client.post("/contacts", json=body)) == (422, "validation_error", message)
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (0,)


def test_the_path_says_which_audience(client: httpx.Client) -> None:
    """Clients repeat in the body what the path says already."""
    audience, other = create_segment(client), create_segment(client)
    for repeated in (audience, other, "x", 7):
        body = {"email": "ada@example.com", "audience_id": repeated}
        assert client.post(f"/audiences/{audience}/contacts", json=body).status_code == 201
    assert pages(client, f"/segments/{other}/contacts", 10) == [[]]


def test_a_domain_beyond_ascii_is_the_same_contact_in_both_spellings(client: httpx.Client) -> None:
    id_ = create_contact(client, email="Info@B\u00dccher.example", first_name="Info")
    assert create_contact(client, email="info@xn--bcher-kva.example") == id_
    for domain in ("b\u00fccher.example", "B\u00dcCHER.EXAMPLE", "xn--bcher-kva.example"):
        contact = show(client, f"/contacts/info@{domain}")
        assert (contact["id"], contact["email"]) == (id_, "info@xn--bcher-kva.example")
    patched = client.patch(f"/contacts/{id_}", json={"email": "info@fa\u00df.example"})
    assert patched.status_code == 200
    assert show(client, "/contacts/info@fa\u00df.example")["email"] == "info@xn--fa-hia.example"


@pytest.mark.parametrize(
    "email",
    ["b\u00fccher@example.com", "a@b_\u00fc.co", "a@\U0001f4a9.co", "Ann <a@b.co>", "a@b.co,"],
)
def test_nothing_is_cleaned_by_the_api(client: httpx.Client, email: str) -> None:
    status, name, message = error(client.post("/contacts", json={"email": email}))
    assert (status, name) == (422, "validation_error")
    assert "`email` field: it must be an e-mail address" in message
