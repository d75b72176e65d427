"""Teams cannot see or touch each other's data: every route, with another team's key and ids.

The routes come from the app itself. One that is added later is walked by itself, or fails here
until it is said what its parameters and bodies can refer to.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.api.app import create_app
from rollcall.config import Settings
from tests.support.worlds import CSV, World, build, rows

PUBLIC = {"/healthz", "/readyz"}
HARMLESS_QUERY = {"limit", "status", "code", "unsubscribed", "subscription"}
# Lists of one import, which take none but their own ids for cursors.
OWN_CURSORS = ("/failures", "/warnings")
# Deleting what is not there is no error for these, so the answer is that of an unknown id.
ECHOING = {
    "/contacts/{contact}",
    "/segments/{segment_id}",
    "/audiences/{audience_id}",
}
Body = dict[str, Any]


def harmless(own: World) -> dict[tuple[str, str], Body]:
    """Return a body that each route takes and that refers to nothing."""
    name = {"json": {"name": "x"}}
    contact = {"json": {"email": "x@example.com"}}
    patch = {"json": {"first_name": "x"}}
    topic = {"json": {"name": "x", "default_subscription": "opt_in"}}
    choice = {"json": [{"id": own.ids["topic_id"], "subscription": "opt_in"}]}
    return {
        ("POST", "/contacts"): contact,
        ("POST", "/contacts/imports"): {"files": {"file": CSV}},
        ("POST", "/contacts/imports/preview"): {"files": {"file": CSV}},
        ("POST", "/contacts/imports/{import_id}/cancel"): {},
        ("POST", "/contacts/imports/{import_id}/retry"): {},
        ("PATCH", "/contacts/{contact}"): patch,
        ("POST", "/contacts/{contact}/segments/{segment_id}"): {},
        ("PATCH", "/contacts/{contact}/topics"): choice,
        ("POST", "/segments"): name,
        ("PATCH", "/segments/{segment_id}"): name,
        ("POST", "/topics"): topic,
        ("PATCH", "/topics/{topic_id}"): topic,
        ("POST", "/contact-properties"): {"json": {"key": "x", "type": "string"}},
        ("PATCH", "/contact-properties/{property_id}"): {"json": {"fallback_value": "x"}},
        ("POST", "/api-keys"): name,
        ("PATCH", "/api-keys/{key_id}"): name,
        ("POST", "/audiences"): name,
        ("PATCH", "/audiences/{audience_id}"): name,
        ("POST", "/audiences/{audience_id}/contacts"): contact,
        ("PATCH", "/audiences/{audience_id}/contacts/{contact}"): patch,
    }


def referring(other: World) -> dict[tuple[str, str], list[tuple[Body, int]]]:
    """Return bodies that refer to the other team's things, and what they are answered with."""
    segments = [{"id": other.ids["segment_id"]}]
    topics = [{"id": other.ids["topic_id"], "subscription": "opt_in"}]
    references: list[Body] = [
        {"segments": segments},
        {"topics": topics},
        {"properties": {other.key: "x"}},
    ]
    contacts = [({"json": {"email": "x@example.com", **body}}, 422) for body in references]
    contacts.append(({"json": {"email": other.email, "id": other.ids["contact"]}}, 201))
    audience = {"json": {"email": "x@example.com", "audience_id": other.ids["segment_id"]}}
    uploads = [
        ({"files": {"file": CSV}, "data": {name: json.dumps(value)}}, 422)
        for name, value in (("segments", segments), ("topics", topics))
    ]
    patches: list[tuple[Body, int]] = [
        ({"json": {"properties": {other.key: "x"}}}, 422),
        ({"json": {"id": other.ids["contact"], "email": other.email, "last_name": "x"}}, 200),
    ]
    return {
        ("POST", "/contacts"): [*contacts, (audience, 422)],
        ("POST", "/contacts/imports"): uploads,
        ("PATCH", "/contacts/{contact}"): patches,
        ("PATCH", "/contacts/{contact}/topics"): [({"json": topics}, 422)],
        ("POST", "/contact-properties"): [({"json": {"key": other.key, "type": "number"}}, 201)],
        ("POST", "/audiences/{audience_id}/contacts"): contacts,
        ("PATCH", "/audiences/{audience_id}/contacts/{contact}"): patches,
    }


def queries(other: World, path: str, name: str) -> list[tuple[str, int]]:
    """Return values of a query parameter that refer to the other team's things."""
    cursors = [
        (id_, 422 if path.endswith(OWN_CURSORS) else 200) for id_ in sorted(set(other.ids.values()))
    ]
    known = {
        "after": cursors,
        "before": cursors,
        "segment_id": [(other.ids["segment_id"], 404)],
        "topic_id": [(other.ids["topic_id"], 404)],
        "search": [(other.email, 200)],
    }
    return known[name]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request across the wall, and the status that it has to be answered with."""

    method: str
    path: str
    body: Body
    query: dict[str, str]
    status: int


def routes() -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return method, path and parameters of every route that belongs to a team."""
    settings = Settings(
        database_url="postgresql://nowhere/x", redis_url="redis://x", storage_url="file:///x"
    )
    return [
        (method.upper(), path, operation.get("parameters", []))
        for path, operations in create_app(settings).openapi()["paths"].items()
        for method, operation in operations.items()
        if path not in PUBLIC
    ]


def calls(
    method: str, path: str, parameters: list[dict[str, Any]], own: World, other: World
) -> Iterator[Call]:
    """Yield every way in which a route can be given something of the other team."""
    in_path = [p["name"] for p in parameters if p["in"] == "path"]
    body = {} if method in {"GET", "DELETE"} else harmless(own)[method, path]
    choices = [own.path_values(name)[:1] + other.path_values(name) for name in in_path]
    own_path, *foreign_paths = (
        path.format(**dict(zip(in_path, values, strict=True)))
        for values in itertools.product(*choices)
    )
    status = 200 if method == "DELETE" and path in ECHOING else 404
    for foreign in foreign_paths:
        # A contact that is not there is as good as taken out of a segment, there or not.
        is_echo = method == "DELETE" and path == "/audiences/{audience_id}/contacts/{contact}"
        expected = 200 if is_echo else status
        yield Call(method=method, path=foreign, body=body, query={}, status=expected)
    for foreign_body, expected in referring(other).get((method, path), []):
        yield Call(method=method, path=own_path, body=foreign_body, query={}, status=expected)
    for name in (p["name"] for p in parameters if p["in"] == "query"):
        if name not in HARMLESS_QUERY:
            for value, expected in queries(other, path, name):
                query = {name: value}
                yield Call(method=method, path=own_path, body=body, query=query, status=expected)


@pytest.mark.parametrize(
    ("method", "path", "parameters"),
    [pytest.param(*route, id=f"{route[0]} {route[1]}") for route in routes()],
)
def test_no_route_leads_through_the_wall(
    client: httpx.Client,
    other_client: httpx.Client,
    connection: psycopg.Connection[Any],
    method: str,
    path: str,
    parameters: list[dict[str, Any]],
) -> None:
    other = build(client, connection, "wall_secret")
    own = build(other_client, connection, "own")
    before = rows(connection, other)
    for call in calls(method, path, parameters, own, other):
        response = other_client.request(
            call.method, call.path, params=call.query or None, **call.body
        )
        assert response.status_code == call.status, (call, response.text)
        sent = f"{call.path} {call.query} {call.body}"
        secrets = {"wall_secret", *other.ids.values()}
        leaked = [text for text in secrets if text not in sent and text in response.text]
        assert leaked == [], (call, response.text)
        assert rows(connection, other) == before, call
    kept = "\n".join(rows(connection, own))
    assert [id_ for id_ in other.ids.values() if id_ in kept] == []


def test_no_route_without_a_key(api: str) -> None:
    with httpx.Client(base_url=api) as nobody:
        for method, path, parameters in routes():
            values = {p["name"]: str(uuid.uuid4()) for p in parameters if p["in"] == "path"}
            response = nobody.request(method, path.format(**values), content=b"{")
            assert (response.status_code, response.json()["name"]) == (401, "missing_api_key")
