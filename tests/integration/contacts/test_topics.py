"""`/contacts/{…}/topics`: choices and defaults."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.resources import (
    NOBODY,
    create_contact,
    create_topic,
    error,
    pages,
    show,
)

NOT_FOUND = (404, "not_found", "Contact not found")


def subscriptions(client: httpx.Client, contact: str) -> dict[str, str]:
    listed = show(client, f"/contacts/{contact}/topics")["data"]
    return {item["name"]: item["subscription"] for item in listed}


def test_a_choice_or_else_the_default(client: httpx.Client) -> None:
    contact = create_contact(client)
    news = create_topic(client, "News", "opt_out")
    create_topic(client, "Offers", "opt_in")
    assert subscriptions(client, contact) == {"Offers": "opt_in", "News": "opt_out"}
    choice = {"id": news, "subscription": "opt_in"}
    response = client.patch(f"/contacts/{contact}/topics", json=[choice])
    assert response.status_code == 200
    shown = show(client, f"/contacts/{contact}/topics")["data"][1]
    assert shown == {
        "id": news,
        "name": "News",
        "description": None,
        "subscription": "opt_in",
        "created_at": shown["created_at"],
    }
    assert response.json() == {
        "object": "contact_topics",
        "id": contact,
        "contact_id": contact,
        "topics": [shown],
    }
    assert subscriptions(client, "ada@example.com") == {"Offers": "opt_in", "News": "opt_in"}


def test_choices_add_up(client: httpx.Client) -> None:
    topics = [create_topic(client, str(number)) for number in range(3)]
    contact = create_contact(client, topics=[{"id": topics[0], "subscription": "opt_in"}])
    bodies: list[Any] = [
        [{"id": topics[1], "subscription": "opt_in"}],
        {"id": contact, "topics": [{"id": topics[2], "subscription": "opt_in"}]},
        [{"id": topics[0], "subscription": "opt_out"}],
        [],
    ]
    for body in bodies:
        response = client.patch("/contacts/ada@example.com/topics", json=body)
        assert response.status_code == 200, response.text
    assert subscriptions(client, contact) == {"0": "opt_out", "1": "opt_in", "2": "opt_in"}


def test_a_deleted_topic_is_gone(client: httpx.Client) -> None:
    topic = create_topic(client)
    contact = create_contact(client, topics=[{"id": topic, "subscription": "opt_in"}])
    client.delete(f"/topics/{topic}")
    assert subscriptions(client, contact) == {}
    assert show(client, f"/contacts/{contact}")["id"] == contact


def test_pages(client: httpx.Client) -> None:
    contact = create_contact(client)
    topics = [create_topic(client, str(number)) for number in range(3)][::-1]
    assert pages(client, f"/contacts/{contact}/topics", 2) == [topics[:2], topics[2:]]


def test_what_is_refused(client: httpx.Client, subtests: pytest.Subtests) -> None:
    contact, topic = create_contact(client), create_topic(client)
    good = {"id": topic, "subscription": "opt_in"}
    bodies: list[tuple[Any, str]] = [
        ([good, {"id": NOBODY, "subscription": "opt_in"}], f"Topic {NOBODY} not found"),
        ([{"id": topic}], "subscription"),
        ([{"id": topic, "subscription": "maybe"}], "subscription"),
        ([{"id": "x", "subscription": "opt_in"}], "id"),
        ({}, "Missing `topics` field."),
        ({"topics": None}, "topics"),
        ({"topics": {}}, "topics"),
        ("x", "The body must be a JSON array, not"),
    ]
    for body, message in bodies:
        with subtests.test(body=str(body)):
            response = client.patch(f"/contacts/{contact}/topics", json=body)
            status, _, found = error(response)
            assert (status, message in found) == (422, True), found
    assert subscriptions(client, contact) == {"News": "opt_out"}
    assert error(client.get(f"/contacts/{NOBODY}/topics")) == NOT_FOUND
    assert error(client.patch("/contacts/eva/topics", json=[good])) == NOT_FOUND
