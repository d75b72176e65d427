"""HEAD works wherever GET does, and says the same without a body."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import psycopg
import pytest

from rollcall.api.app import create_app
from rollcall.config import Settings
from tests.support.patience import PATIENCE
from tests.support.worlds import build

# What differs from one answer to the next, whatever the method.
CHANGING = {"date", "x-request-id", "ratelimit-remaining", "ratelimit-reset"}
STREAMED = ("/events", ".csv")


def paths() -> list[str]:
    settings = Settings(
        database_url="postgresql://nowhere/x", redis_url="redis://x", storage_url="file:///x"
    )
    found = [path for path, o in create_app(settings).openapi()["paths"].items() if "get" in o]
    return [*found, "/docs", "/openapi.json", "/nowhere", "/contacts/x@example.com"]


@pytest.mark.parametrize("path", paths())
def test_head_says_what_get_says(
    client: httpx.Client, connection: psycopg.Connection[object], path: str
) -> None:
    world = build(client, connection, "head")
    address = path.format(**world.ids)
    head = client.head(address)
    assert head.content == b""
    assert "x-request-id" in head.headers
    with client.stream("GET", address) as get:
        assert head.status_code == get.status_code
        told = {name: get.headers[name] for name in get.headers if name not in CHANGING}
    if path.endswith(STREAMED):
        del told["transfer-encoding"]
    assert {name: head.headers[name] for name in head.headers if name not in CHANGING} == told


def test_many_heads_on_one_connection(client: httpx.Client) -> None:
    """No body is left behind that the next answer would begin with."""
    upload = {"file": b"email\na@example.com\n"}
    path = f"/contacts/imports/{client.post('/contacts/imports', files=upload).json()['id']}"
    started = time.monotonic()
    for _ in range(3):
        for tail in ("", "/events", "/failures.csv", "/failures", "/x"):
            assert client.head(path + tail).content == b""
            assert client.get(path).json()["object"] == "contact_import"
    # The stream of events ends by itself after a quarter of an hour.
    assert time.monotonic() - started < PATIENCE


def test_head_needs_a_key_and_counts(
    settings: Settings, serve: Callable[[Settings], str], team_key: str
) -> None:
    url = serve(settings.model_copy(update={"rate_limit": 1})) + "/contacts"
    assert httpx.head(url).status_code == 401
    with httpx.Client(headers={"Authorization": f"Bearer {team_key}"}) as client:
        answers = [client.head(url) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(answer.headers["ratelimit-limit"] == "1" for answer in answers)


def test_head_where_there_is_no_get(client: httpx.Client) -> None:
    response = client.head("/contacts/imports/x/cancel")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.content == b""
