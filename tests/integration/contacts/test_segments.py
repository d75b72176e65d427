"""`/contacts/{…}/segments`: who is in what."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.resources import (
    NOBODY,
    create_contact,
    create_segment,
    error,
    pages,
    show,
)

CONTACT_NOT_FOUND = (404, "not_found", "Contact not found")
SEGMENT_NOT_FOUND = (404, "not_found", "Segment not found")


def test_in_and_out(client: httpx.Client) -> None:
    contact, segment = create_contact(client), create_segment(client)
    answer = {
        "object": "contact_segment",
        "id": segment,
        "contact_id": contact,
        "segment_id": segment,
    }
    for path in (
        f"/contacts/{contact}/segments/{segment}",
        f"/contacts/ada@example.com/segments/{segment}/",
    ):
        response = client.post(path, json={})
        assert (response.status_code, response.json()) == (200, answer)
    listed = show(client, f"/contacts/{contact}/segments")
    assert listed == {
        "object": "list",
        "has_more": False,
        "data": [
            {
                "id": segment,
                "name": "Friends",
                "created_at": listed["data"][0]["created_at"],
            }
        ],
    }
    for _ in range(2):
        response = client.delete(f"/contacts/{contact}/segments/{segment}")
        assert (response.status_code, response.json()) == (200, {**answer, "deleted": True})
    assert show(client, f"/contacts/{contact}/segments")["data"] == []


def test_since_when_a_contact_is_in_a_segment(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    contact = create_contact(client)
    joined = [create_segment(client, name) for name in "ab"]
    for segment in joined:
        client.post(f"/contacts/{contact}/segments/{segment}")
    connection.execute("UPDATE segments SET created_at = '2020-01-01 00:00:00+00'")
    connection.execute(
        "UPDATE segment_memberships SET created_at = '2024-02-03 04:05:06.789+00'"
        " WHERE segment_id = %s",
        (joined[0],),
    )
    found = show(client, f"/contacts/{contact}/segments")["data"]
    assert [item["id"] for item in found] == joined[::-1]
    assert found[1]["created_at"] == "2024-02-03 04:05:06.789+00"
    since = found[0]["created_at"]
    assert since > "2026"
    client.post(f"/contacts/{contact}/segments/{joined[1]}")
    assert show(client, f"/contacts/{contact}/segments")["data"][0]["created_at"] == since


def test_pages(client: httpx.Client) -> None:
    contact = create_contact(client)
    segments = [create_segment(client, str(number)) for number in range(5)]
    for segment in (segments[3], segments[0], segments[4], segments[1]):
        client.post(f"/contacts/{contact}/segments/{segment}")
    expected = [segments[4], segments[3], segments[1], segments[0]]
    path = "/contacts/ada%40example.com/segments"
    assert pages(client, path, 3) == [expected[:3], expected[3:]]
    client.delete(f"/segments/{segments[3]}")
    assert pages(client, path, 3) == [[segments[4], segments[1], segments[0]]]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_is_not_there(client: httpx.Client, method: str) -> None:
    contact, segment = create_contact(client), create_segment(client)
    gone = create_segment(client)
    client.delete(f"/segments/{gone}")
    for path, expected in (
        (f"/contacts/{NOBODY}/segments/{segment}", CONTACT_NOT_FOUND),
        (f"/contacts/eva@example.com/segments/{segment}", CONTACT_NOT_FOUND),
        (f"/contacts/{contact}/segments/{NOBODY}", SEGMENT_NOT_FOUND),
        (f"/contacts/{contact}/segments/{gone}", SEGMENT_NOT_FOUND),
    ):
        assert error(client.request(method, path)) == expected
    response = client.request(method, f"/contacts/{contact}/segments/x")
    assert error(response)[:2] == (422, "invalid_parameter")
    assert error(client.get(f"/contacts/{NOBODY}/segments")) == CONTACT_NOT_FOUND


def test_no_membership_of_a_contact_that_goes_at_this_moment(
    client: httpx.Client, settings: Settings, connection: psycopg.Connection[Any]
) -> None:
    contact, segment = create_contact(client), create_segment(client)
    responses: list[httpx.Response] = []
    path = f"/contacts/{contact}/segments/{segment}"
    adding = threading.Thread(target=lambda: responses.append(client.post(path)))
    with psycopg.connect(settings.psycopg_dsn) as deleting:
        deleting.execute("DELETE FROM contacts")
        adding.start()
        adding.join(0.5)
        assert adding.is_alive()
        deleting.commit()
    adding.join()
    assert error(responses[0]) == CONTACT_NOT_FOUND
    assert connection.execute("SELECT count(*) FROM segment_memberships").fetchone() == (0,)
