"""`GET /contacts` and `GET /contacts/{…}`: by id, by address, page by page."""

from __future__ import annotations

import re
import uuid

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

NOT_FOUND = (404, "not_found", "Contact not found")


def test_a_contact_without_anything(client: httpx.Client) -> None:
    id_ = create_contact(client)
    contact = show(client, f"/contacts/{id_}")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00", contact.pop("created_at")
    )
    assert contact == {
        "object": "contact",
        "id": id_,
        "email": "ada@example.com",
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": {},
    }


def test_by_id_and_by_address(client: httpx.Client, subtests: pytest.Subtests) -> None:
    address = "o'ada+a/b?=#%&{}@example.com"
    id_ = create_contact(client, address)
    for path in (
        id_,
        id_.upper(),
        "o'ada+a%2Fb%3F=%23%25&{}@example.com",
        "O'ADA%2Ba%2fb%3F%3D%23%25%26%7B%7D%40EXAMPLE.COM",
        f"{id_}/",
        f"/{id_}",
    ):
        with subtests.test(path=path):
            assert show(client, f"/contacts/{path}")["id"] == id_


def test_what_is_not_there(client: httpx.Client, subtests: pytest.Subtests) -> None:
    create_contact(client)
    for path in (
        NOBODY,
        "eva@example.com",
        "ada",
        "ada%00@example.com",
        "%ff%fe@example.com",
        "%ED%A0%80",
        "a" * 5000,
        "ada example@com",
    ):
        with subtests.test(path=path[:20]):
            assert error(client.get(f"/contacts/{path}")) == NOT_FOUND


def test_the_list_is_newest_first(client: httpx.Client) -> None:
    ids = [create_contact(client, f"{number}@example.com") for number in range(5)][::-1]
    assert pages(client, "/contacts", 2) == [ids[:2], ids[2:4], ids[4:]]
    assert pages(client, "/contacts", 5) == [ids]
    first = show(client, "/contacts?limit=1")
    assert first["has_more"] is True
    assert first["data"] == [
        {
            "id": ids[0],
            "email": "4@example.com",
            "first_name": None,
            "last_name": None,
            "created_at": first["data"][0]["created_at"],
            "unsubscribed": False,
        }
    ]
    before = show(client, f"/contacts?limit=2&before={ids[3]}")
    assert ([item["id"] for item in before["data"]], before["has_more"]) == (ids[1:3], True)


def test_only_those_in_a_segment(client: httpx.Client) -> None:
    segment = create_segment(client)
    create_contact(client, "nobody@example.com")
    ids = [
        create_contact(client, f"{number}@example.com", segments=[segment]) for number in range(3)
    ][::-1]
    create_contact(client, "else@example.com", segments=[create_segment(client, "Others")])
    assert pages(client, "/contacts", 2, segment_id=segment) == [ids[:2], ids[2:]]
    assert pages(client, f"/segments/{segment}/contacts", 2) == [ids[:2], ids[2:]]
    client.delete(f"/contacts/{ids[1]}")
    after_one_that_is_gone = show(client, f"/segments/{segment}/contacts?after={ids[1]}")
    assert [item["id"] for item in after_one_that_is_gone["data"]] == [ids[2]]


BAD_QUERIES = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=ten", "limit"),
    ("limit=", "limit"),
    ("limit=%00", "limit"),
    ("after=x", "after"),
    (f"after={NOBODY}&before={NOBODY}", "after"),
    ("segment_id=x", "segment_id"),
    ("segment_id=", "segment_id"),
]


def test_bad_queries(client: httpx.Client, subtests: pytest.Subtests) -> None:
    for query, named in BAD_QUERIES:
        with subtests.test(query=query):
            status, name, message = error(client.get(f"/contacts?{query}"))
            assert (status, name) == (422, "validation_error")
            assert f"`{named}`" in message


def test_a_segment_that_is_not_there(client: httpx.Client) -> None:
    not_found = (404, "not_found", "Segment not found")
    unknown = uuid.uuid4()
    assert error(client.get(f"/contacts?segment_id={unknown}")) == not_found
    assert error(client.get(f"/segments/{unknown}/contacts")) == not_found
    assert error(client.get("/segments/x/contacts"))[:2] == (422, "invalid_parameter")
