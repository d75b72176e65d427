"""`/audiences`: segments under the older name, as the hosted service was recorded answering."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.resources import (
    NOBODY,
    create,
    create_contact,
    create_segment,
    error,
    pages,
    show,
)

CONTACT_NOT_FOUND = (404, "not_found", "Contact not found")
SEGMENT_NOT_FOUND = (404, "not_found", "Segment not found")


def test_an_audience_is_a_segment(client: httpx.Client) -> None:
    response = client.post("/audiences", json={"name": "Friends"})
    assert response.status_code == 201
    id_ = response.json()["id"]
    assert response.json() == {"object": "audience", "id": id_, "name": "Friends"}
    segment = show(client, f"/segments/{id_}")
    assert show(client, f"/audiences/{id_}") == {**segment, "object": "audience"}
    assert show(client, "/audiences") == show(client, "/segments")
    assert pages(client, "/audiences", 1) == [[id_]]
    response = client.patch(f"/audiences/{id_}", json={"name": "Family"})
    assert response.json() == {"object": "audience", "id": id_, "name": "Family"}
    response = client.delete(f"/audiences/{id_}")
    assert response.json() == {"object": "audience", "id": id_, "deleted": True}
    assert error(client.get(f"/segments/{id_}")) == SEGMENT_NOT_FOUND


def test_the_contacts_of_an_audience(client: httpx.Client) -> None:
    audience = create_segment(client)
    path = f"/audiences/{audience}/contacts"
    body: dict[str, Any] = {"email": "ada@example.com", "audience_id": audience}
    response = client.post(path, json=body)
    assert response.status_code == 201
    id_ = response.json()["id"]
    assert response.json() == {"object": "contact", "id": id_}
    shown = show(client, f"{path}/{id_}")
    assert shown == show(client, f"{path}/ada@example.com") == show(client, f"/contacts/{id_}")
    assert pages(client, path, 1) == [[id_]]
    response = client.patch(f"{path}/ada%40example.com", json={"first_name": "Ada"})
    assert (response.status_code, response.json()) == (200, {"object": "contact", "id": id_})
    assert show(client, f"/contacts/{id_}")["first_name"] == "Ada"


def test_out_of_an_audience(client: httpx.Client) -> None:
    audience, other = create_segment(client), create_segment(client)
    for number, echoed in enumerate(("Ada@example.com", NOBODY)):
        id_ = create_contact(client, segments=[audience, other], unsubscribed=bool(number))
        asked = echoed if number == 0 else id_
        response = client.delete(f"/audiences/{audience}/contacts/{asked}")
        assert response.status_code == 200
        assert response.json() == {"object": "contact", "contact": asked, "deleted": True}
        assert error(client.get(f"/audiences/{audience}/contacts/{id_}")) == CONTACT_NOT_FOUND
        assert show(client, f"/audiences/{other}/contacts/{id_}")["id"] == id_


def test_what_is_not_there(client: httpx.Client) -> None:
    audience, contact = create_segment(client), create_contact(client)
    for path in (f"/audiences/{audience}/contacts/{contact}", f"/audiences/{audience}/contacts/x"):
        assert error(client.get(path)) == CONTACT_NOT_FOUND
        assert error(client.patch(path, json={"first_name": "x"})) == CONTACT_NOT_FOUND
        assert error(client.patch(path, json={})) == CONTACT_NOT_FOUND
    response = client.delete(f"/audiences/{audience}/contacts/{NOBODY}")
    assert response.json() == {"object": "contact", "contact": NOBODY, "deleted": True}
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("GET", "/contacts"),
        ("POST", "/contacts"),
        ("GET", f"/contacts/{contact}"),
        ("PATCH", f"/contacts/{contact}"),
    ):
        body = {"name": "x", "email": "eva@example.com"}
        response = client.request(method, f"/audiences/{NOBODY}{path}", json=body)
        assert error(response) == SEGMENT_NOT_FOUND, (method, path)
        response = client.request(method, f"/audiences/x{path}", json=body)
        assert error(response)[:2] == (422, "invalid_parameter"), (method, path)
    assert len(show(client, "/contacts")["data"]) == 1
    response = client.delete(f"/audiences/x/contacts/{contact}")
    assert error(response)[:2] == (422, "invalid_parameter")


@pytest.mark.parametrize("asked", ["ada@example.com", "Ada@Example.com", NOBODY, "contact"])
def test_out_of_an_audience_that_is_gone(client: httpx.Client, asked: str) -> None:
    """As the hosted service was recorded answering."""
    gone, other = create_segment(client), create_segment(client)
    contact = create_contact(client, segments=[gone, other])
    client.delete(f"/audiences/{gone}")
    asked = contact if asked == "contact" else asked
    for audience in (gone, NOBODY):
        for _ in range(2):
            response = client.delete(f"/audiences/{audience}/contacts/{asked}")
            assert response.status_code == 200
            assert response.json() == {"object": "contact", "contact": asked, "deleted": True}
    assert show(client, f"/audiences/{other}/contacts/{contact}")["id"] == contact


def test_no_domains(client: httpx.Client) -> None:
    assert show(client, "/domains") == {"object": "list", "has_more": False, "data": []}


def test_names_are_needed(client: httpx.Client) -> None:
    audience = create(client, "/audiences", name="Friends")
    missing = (422, "missing_required_field", "Missing `name` field.")
    assert error(client.post("/audiences", json={})) == missing
    assert error(client.patch(f"/audiences/{audience}", json={})) == missing
