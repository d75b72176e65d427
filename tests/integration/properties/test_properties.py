"""`/contact-properties`: every verb, every shape, and what a deleted one leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.resources import (
    NOBODY,
    create_contact,
    create_property,
    error,
    pages,
    show,
)

NOT_FOUND = (404, "not_found", "Contact property not found")
PATH = "/contact-properties"


def test_a_property_and_its_life(client: httpx.Client) -> None:
    body = {"key": "plan", "type": "string", "fallback_value": "free"}
    response = client.post(PATH, json=body)
    assert response.status_code == 201
    id_ = response.json()["id"]
    assert response.json() == {"object": "contact_property", "id": id_}
    shown = show(client, f"{PATH}/{id_}")
    expected = {"id": id_, **body, "created_at": shown["created_at"]}
    assert shown == {"object": "contact_property", **expected}
    assert show(client, PATH) == {"object": "list", "has_more": False, "data": [expected]}
    response = client.delete(f"{PATH}/{id_}")
    assert response.status_code == 200
    assert response.json() == {"object": "contact_property", "deleted": True, "id": id_}
    for method in ("GET", "DELETE"):
        assert error(client.request(method, f"{PATH}/{id_}")) == NOT_FOUND
    assert error(client.patch(f"{PATH}/{id_}", json={"fallback_value": "x"})) == NOT_FOUND
    assert show(client, PATH)["data"] == []


@pytest.mark.parametrize(
    ("type_", "value", "wrong"),
    [("string", "x", 1), ("number", 1.5, "1.5"), ("boolean", False, 0)],
)
def test_the_fallback_value(client: httpx.Client, type_: str, value: object, wrong: object) -> None:
    refused = client.post(PATH, json={"key": "key", "type": type_, "fallback_value": wrong})
    message = f"Invalid `fallback_value` field: it must be a {type_}."
    assert error(refused) == (422, "validation_error", message)
    id_ = create_property(client, "key", type_)
    assert show(client, f"{PATH}/{id_}")["fallback_value"] is None
    body = {"fallback_value": wrong}
    assert error(client.patch(f"{PATH}/{id_}", json=body))[2] == message
    bodies: list[tuple[dict[str, Any], object]] = [
        ({"fallback_value": value}, value),
        ({"key": "other", "id": NOBODY}, value),
        ({"fallback_value": None}, None),
    ]
    for body, expected in bodies:
        response = client.patch(f"{PATH}/{id_}", json=body)
        assert response.status_code == 200
        assert (response.json()["object"], response.json()["id"]) == ("contact_property", id_)
        shown = show(client, f"{PATH}/{id_}")
        assert (shown["key"], shown["fallback_value"]) == ("key", expected)


def test_pages(client: httpx.Client) -> None:
    ids = [create_property(client, f"key_{number}") for number in range(5)][::-1]
    assert pages(client, PATH, 2) == [ids[:2], ids[2:4], ids[4:]]


def test_what_is_refused(client: httpx.Client, subtests: pytest.Subtests) -> None:
    create_property(client)
    good = {"key": "key", "type": "string"}
    refused: list[tuple[dict[str, Any], str]] = [
        ({"key": "plan"}, "`key`"),
        ({"key": "with space"}, "`key`"),
        ({"key": "plan:1"}, "`key`"),
        ({"key": "plan\n"}, "`key`"),
        ({"key": "x" * 51}, "`key`"),
        ({"key": ""}, "`key`"),
        ({"key": "\x00"}, "`key`"),
        ({"key": None}, "`key`"),
        ({"type": "date"}, "`type`"),
        ({"fallback_value": []}, "`fallback_value`"),
        ({"fallback_value": "\x00"}, "`fallback_value`"),
    ]
    for body, message in refused:
        with subtests.test(body=body):
            status, name, found = error(client.post(PATH, json={**good, **body}))
            assert (status, name) == (422, "validation_error")
            assert message in found
    assert error(client.post(PATH, json={"key": "key"}))[2] == "Missing `type` field."
    assert error(client.get(f"{PATH}/x"))[:2] == (422, "invalid_parameter")
    assert error(client.get(f"{PATH}/{NOBODY}")) == NOT_FOUND


def test_one_key_at_the_same_time(client: httpx.Client) -> None:
    body = {"key": "plan", "type": "string"}
    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(lambda _: client.post(PATH, json=body), range(16)))
    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201] + [422] * 15


def test_a_deleted_property_is_gone_for_good(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    property_ = create_property(client)
    contact = create_contact(client, properties={"plan": "pro"})
    for value in ("free", "basic"):
        client.delete(f"{PATH}/{property_}")
        assert show(client, f"/contacts/{contact}")["properties"] == {}
        refused = client.patch(f"/contacts/{contact}", json={"properties": {"plan": value}})
        assert error(refused)[0] == 422
        property_ = create_property(client)
        assert show(client, f"/contacts/{contact}")["properties"] == {}
        client.patch(f"/contacts/{contact}", json={"properties": {"plan": value}})
        typed = {"plan": {"value": value, "type": "string"}}
        assert show(client, f"/contacts/{contact}")["properties"] == typed
    stored = connection.execute("SELECT properties FROM contacts").fetchone()
    assert stored is not None
    assert sorted(stored[0].values()) == ["basic", "free", "pro"]


def test_the_same_key_with_another_type(client: httpx.Client) -> None:
    property_ = create_property(client)
    contact = create_contact(client, properties={"plan": "pro"})
    client.delete(f"{PATH}/{property_}")
    create_property(client, "plan", "number")
    assert show(client, f"/contacts/{contact}")["properties"] == {}
    client.patch(f"/contacts/{contact}", json={"properties": {"plan": 7}})
    properties = show(client, f"/contacts/{contact}")["properties"]
    assert properties == {"plan": {"value": 7, "type": "number"}}
