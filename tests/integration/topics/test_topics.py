"""`/topics`: every verb, every shape."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.resources import NOBODY, create_topic, error, pages, show

NOT_FOUND = (404, "not_found", "Topic not found")


def test_a_topic_and_its_life(client: httpx.Client) -> None:
    body = {"name": "News", "default_subscription": "opt_out"}
    response = client.post("/topics", json=body)
    assert response.status_code == 201
    id_ = response.json()["id"]
    assert response.json() == {"object": "topic", "id": id_}
    shown = show(client, f"/topics/{id_}")
    expected = {
        "id": id_,
        "name": "News",
        "description": None,
        "default_subscription": "opt_out",
        "visibility": "private",
        "created_at": shown["created_at"],
    }
    assert shown == {"object": "topic", **expected}
    assert show(client, "/topics") == {"object": "list", "has_more": False, "data": [expected]}
    response = client.delete(f"/topics/{id_}")
    assert response.status_code == 200
    assert response.json() == {"object": "topic", "id": id_, "deleted": True}
    for method in ("GET", "DELETE"):
        assert error(client.request(method, f"/topics/{id_}")) == NOT_FOUND
    assert error(client.patch(f"/topics/{id_}", json={"name": "x"})) == NOT_FOUND
    assert error(client.patch(f"/topics/{id_}", json={})) == NOT_FOUND


def test_changing(client: httpx.Client) -> None:
    id_ = create_topic(client)
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"name": "Old news", "description": "All"}, {"name": "Old news", "description": "All"}),
        ({"visibility": "public"}, {"visibility": "public", "description": "All"}),
        ({"name": None, "visibility": None}, {"name": "Old news", "visibility": "public"}),
        ({"description": None}, {"description": None}),
        ({"default_subscription": "opt_in", "id": NOBODY}, {"default_subscription": "opt_out"}),
    ]
    for body, expected in changes:
        response = client.patch(f"/topics/{id_}", json=body)
        assert response.status_code == 200, response.text
        assert (response.json()["object"], response.json()["id"]) == ("topic", id_)
        shown = show(client, f"/topics/{id_}")
        assert {name: shown[name] for name in expected} == expected


def test_pages(client: httpx.Client) -> None:
    ids = [create_topic(client, str(number)) for number in range(5)][::-1]
    assert pages(client, "/topics", 2) == [ids[:2], ids[2:4], ids[4:]]


def test_what_is_refused(client: httpx.Client, subtests: pytest.Subtests) -> None:
    good = {"name": "News", "default_subscription": "opt_out"}
    refused: list[tuple[dict[str, Any], str]] = [
        ({"name": "x" * 51}, "`name`"),
        ({"name": ""}, "`name`"),
        ({"description": "x" * 201}, "`description`"),
        ({"description": "\x00"}, "`description`"),
        ({"default_subscription": "yes"}, "`default_subscription`"),
        ({"default_subscription": None}, "`default_subscription`"),
        ({"visibility": "secret"}, "`visibility`"),
    ]
    for body, message in refused:
        with subtests.test(body=body):
            status, name, found = error(client.post("/topics", json={**good, **body}))
            assert (status, name) == (422, "validation_error")
            assert message in found
    for field in good:
        with subtests.test(missing=field):
            body = {name: value for name, value in good.items() if name != field}
            expected = (422, "missing_required_field", f"Missing `{field}` field.")
            assert error(client.post("/topics", json=body)) == expected
    assert error(client.get("/topics/x"))[:2] == (422, "invalid_parameter")
    assert error(client.get(f"/topics/{NOBODY}")) == NOT_FOUND
