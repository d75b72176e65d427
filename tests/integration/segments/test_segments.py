"""`/segments`: every verb, every shape."""

from __future__ import annotations

import httpx
import pytest

from tests.support.resources import (
    NOBODY,
    create_contact,
    create_segment,
    error,
    pages,
    show,
)

NOT_FOUND = (404, "not_found", "Segment not found")


def test_a_segment_and_its_life(client: httpx.Client) -> None:
    response = client.post("/segments", json={"name": "Friends", "id": NOBODY})
    assert response.status_code == 201
    id_ = response.json()["id"]
    assert response.json() == {"object": "segment", "id": id_, "name": "Friends"}
    shown = show(client, f"/segments/{id_}")
    created_at = shown["created_at"]
    expected = {"id": id_, "name": "Friends", "created_at": created_at}
    assert shown == {"object": "segment", **expected}
    assert show(client, "/segments") == {"object": "list", "has_more": False, "data": [expected]}
    response = client.patch(f"/segments/{id_}", json={"name": "Family"})
    assert (response.status_code, response.json()) == (
        200,
        {"object": "segment", "id": id_, "name": "Family"},
    )
    assert show(client, f"/segments/{id_}")["name"] == "Family"
    response = client.delete(f"/segments/{id_}")
    assert response.status_code == 200
    assert response.json() == {"object": "segment", "id": id_, "deleted": True}


def test_a_deleted_segment_is_gone_and_its_contacts_stay(client: httpx.Client) -> None:
    segment = create_segment(client)
    contact = create_contact(client, segments=[segment])
    client.delete(f"/segments/{segment}")
    assert error(client.get(f"/segments/{segment}")) == NOT_FOUND
    assert error(client.patch(f"/segments/{segment}", json={"name": "x"})) == NOT_FOUND
    assert error(client.get(f"/segments/{segment}/contacts")) == NOT_FOUND
    assert show(client, "/segments")["data"] == []
    assert show(client, f"/contacts/{contact}/segments")["data"] == []
    assert client.delete(f"/segments/{segment}").status_code == 200


def test_pages(client: httpx.Client) -> None:
    ids = [create_segment(client, str(number)) for number in range(5)][::-1]
    assert pages(client, "/segments", 2) == [ids[:2], ids[2:4], ids[4:]]


def test_what_is_refused(client: httpx.Client, subtests: pytest.Subtests) -> None:
    id_ = create_segment(client)
    for body, name, message in (
        ({}, "missing_required_field", "Missing `name` field."),
        ({"name": None}, "validation_error", "`name`"),
        ({"name": ""}, "validation_error", "`name`"),
        ({"name": "\x00"}, "validation_error", "`name`"),
        ({"name": 7}, "validation_error", "`name`"),
    ):
        with subtests.test(body=body):
            for response in (
                client.post("/segments", json=body),
                client.patch(f"/segments/{id_}", json=body),
            ):
                status, found, text = error(response)
                assert (status, found) == (422, name)
                assert message in text


def test_what_is_not_there(client: httpx.Client) -> None:
    assert error(client.get(f"/segments/{NOBODY}")) == NOT_FOUND
    assert error(client.patch(f"/segments/{NOBODY}", json={"name": "x"})) == NOT_FOUND
    response = client.delete(f"/segments/{NOBODY}")
    assert response.json() == {"object": "segment", "id": NOBODY, "deleted": True}
    for method in ("GET", "DELETE"):
        response = client.request(method, "/segments/x")
        assert error(response)[:2] == (422, "invalid_parameter")
