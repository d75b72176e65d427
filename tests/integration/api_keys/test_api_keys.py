"""`/api-keys`: every verb, what a key may do, and when it was last used."""

from __future__ import annotations

import time
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.patience import wait_until
from tests.support.resources import NOBODY, create, error, pages, show

Connection = psycopg.Connection[Any]
PATH = "/api-keys"
NOT_FOUND = (404, "not_found", "API key not found")


def make(client: httpx.Client, **body: Any) -> tuple[str, dict[str, str]]:
    """Make a key; return its id and the header that authorizes with it."""
    response = client.post(PATH, json={"name": "script", **body})
    assert response.status_code == 201
    assert response.json().keys() == {"id", "token"}
    return response.json()["id"], {"Authorization": f"Bearer {response.json()['token']}"}


def test_a_key_and_its_life(client: httpx.Client, connection: Connection) -> None:
    id_, header = make(client)
    token = header["Authorization"].removeprefix("Bearer ")
    assert token.startswith("re_")
    stored = connection.execute(
        "SELECT count(*) FROM api_keys AS k WHERE k::text LIKE %s", (f"%{token[3:]}%",)
    )
    assert stored.fetchone() == (0,)
    listed = show(client, PATH)["data"][0]
    assert listed == {
        "id": id_,
        "name": "script",
        "created_at": listed["created_at"],
        "last_used_at": None,
    }
    assert client.get("/segments", headers=header).status_code == 200
    response = client.patch(f"{PATH}/{id_}", json={"name": "robot"})
    assert response.status_code == 200
    assert (response.json()["id"], response.json()["name"]) == (id_, "robot")
    response = client.delete(f"{PATH}/{id_}", headers=header)
    assert response.status_code == 200
    assert response.json() == {"object": "api_key", "id": id_, "deleted": True}
    refused = error(client.get("/segments", headers=header))
    assert refused[:2] == (403, "restricted_api_key")
    assert id_ not in pages(client, PATH, 100)[0]
    assert error(client.delete(f"{PATH}/{id_}")) == NOT_FOUND
    assert error(client.patch(f"{PATH}/{id_}", json={"name": "x"})) == NOT_FOUND


def test_a_key_that_may_only_send(client: httpx.Client) -> None:
    _, header = make(client, permission="sending_access", domain_id=NOBODY)
    for path in ("/segments", "/contacts", "/contacts/imports", "/domains"):
        refused = error(client.get(path, headers=header))
        assert refused[:2] == (401, "restricted_api_key")
    refused = error(client.post("/segments", headers=header, content=b"{"))
    assert refused[:2] == (401, "restricted_api_key")


def test_keys_that_are_none(client: httpx.Client, subtests: pytest.Subtests) -> None:
    cases = [
        ("", (401, "missing_api_key")),
        ("Bearer re_unknown", (403, "invalid_api_key")),
        ("Bearer sk_unknown", (403, "invalid_api_key")),
        ("Bearer", (403, "invalid_api_key")),
        ("Basic cmU6", (403, "invalid_api_key")),
        ("Bearer re_" + "x" * 1000, (403, "invalid_api_key")),
    ]
    for header, expected in cases:
        with subtests.test(header=header[:20]):
            # Refused before the body is read, which would be refused too.
            response = client.post("/segments", headers={"Authorization": header}, content=b"{")
            assert error(response)[:2] == expected


def test_a_name_may_be_empty(client: httpx.Client) -> None:
    """As the hosted service was recorded answering."""
    id_, _ = make(client, name="")
    (found,) = (key for key in show(client, PATH)["data"] if key["id"] == id_)
    assert found["name"] == ""
    assert client.post(PATH, json={"name": "", "permission": None}).status_code == 201


def test_pages(client: httpx.Client) -> None:
    (own,) = pages(client, PATH, 1)[0]
    ids = [create(client, PATH, name=str(number)) for number in range(4)][::-1]
    assert pages(client, PATH, 2) == [ids[:2], ids[2:], [own]]


def test_what_is_refused(client: httpx.Client) -> None:
    missing = (422, "missing_required_field", "Missing `name` field.")
    assert error(client.post(PATH, json={})) == missing
    assert error(client.patch(f"{PATH}/{NOBODY}", json={})) == missing
    for body in ({"name": 7}, {"name": None}, {"name": "x", "permission": "root"}):
        assert error(client.post(PATH, json=body))[:2] == (422, "validation_error")
    for method in ("PATCH", "DELETE"):
        bad = client.request(method, f"{PATH}/x", json={"name": "x"})
        assert error(bad)[:2] == (422, "invalid_parameter")
        unknown = client.request(method, f"{PATH}/{NOBODY}", json={"name": "x"})
        assert error(unknown) == NOT_FOUND


def test_when_it_was_last_used(client: httpx.Client, connection: Connection) -> None:
    query = "SELECT last_used_at, xmin::text FROM api_keys"

    def row() -> tuple[Any, ...]:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found[0]

    show(client, "/segments")
    wait_until(lambda: row()[0] is not None)
    first = row()
    for _ in range(20):
        show(client, "/segments")
    time.sleep(0.2)
    assert row() == first
    connection.execute("UPDATE api_keys SET last_used_at = last_used_at - interval '61 s'")
    show(client, "/segments")
    wait_until(lambda: bool(row()[0] > first[0]))
    assert show(client, PATH)["data"][0]["last_used_at"] is not None
