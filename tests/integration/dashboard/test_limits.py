"""Pages that cannot show all that there is say so."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.contacts import search
from tests.support.dashboard import browsing
from tests.support.resources import NOBODY, create_contact

LAST = uuid.UUID(int=(1 << 128) - 1)
CSV = ("contacts.csv", b"email\nada@example.com\n", "text/csv")
MANY = {
    "segments": "INSERT INTO segments (team_id, name) SELECT %s, 'Segment ' || n {}",
    "topics": (
        "INSERT INTO topics (team_id, name, default_subscription, visibility)"
        " SELECT %s, 'Topic ' || n, 'opt_in', 'private' {}"
    ),
    "contact_properties": (
        "INSERT INTO contact_properties (team_id, key, stored_as, type)"
        " SELECT %s, 'key' || n, 'stored' || n, 'string' {}"
    ),
}


@pytest.fixture
def browser(client: httpx.Client) -> Iterator[httpx.Client]:
    with browsing(client) as browser:
        yield browser


def add(
    connection: psycopg.Connection[Any], team_id: uuid.UUID, table: str, first: int, last: int
) -> None:
    query = MANY[table].format("FROM generate_series(%s::int, %s::int) AS n")
    connection.execute(query, (team_id, first, last))


def test_a_contact_with_more_around_it_than_its_page_shows(
    client: httpx.Client,
    browser: httpx.Client,
    connection: psycopg.Connection[Any],
    team_id: uuid.UUID,
) -> None:
    contact = create_contact(client)
    limits = {"segments": 100, "topics": 200, "contact_properties": 500}
    for table, most in limits.items():
        add(connection, team_id, table, 1, most)
    connection.execute(
        "INSERT INTO segment_memberships (team_id, segment_id, contact_id)"
        " SELECT team_id, id, %s FROM segments",
        (contact,),
    )
    page = f"/dashboard/contacts/{contact}"
    sentences = ("more segments than the 100", "200 newest topics", "500 oldest properties")
    assert [each for each in sentences if each in browser.get(page).text] == []
    assert "newest segments" not in browser.get("/dashboard/contacts").text
    for table, most in limits.items():
        add(connection, team_id, table, most + 1, most + 1)
    connection.execute(
        "INSERT INTO segment_memberships (team_id, segment_id, contact_id)"
        " SELECT team_id, id, %s FROM segments ON CONFLICT DO NOTHING",
        (contact,),
    )
    text = browser.get(page).text
    assert [each for each in sentences if each not in text] == []
    assert "Only the 100 newest segments" in browser.get("/dashboard/contacts").text


def test_a_filter_by_a_segment_that_is_not_among_the_newest_is_shown(
    client: httpx.Client,
    browser: httpx.Client,
    connection: psycopg.Connection[Any],
    team_id: uuid.UUID,
) -> None:
    create_contact(client)
    oldest = client.post("/segments", json={"name": "The oldest"}).json()["id"]
    add(connection, team_id, "segments", 1, 100)
    assert "The oldest" not in browser.get("/dashboard/contacts").text
    text = browser.get("/dashboard/contacts", params={"segment_id": oldest}).text
    assert f'<option value="{oldest}" selected>The oldest</option>' in text


def test_the_options_of_a_draft_offer_the_newest_and_say_so(
    browser: httpx.Client, connection: psycopg.Connection[Any], team_id: uuid.UUID
) -> None:
    draft = browser.post("/dashboard/imports/new", files={"file": CSV}).headers["location"]
    options = draft.replace("/columns", "/options")
    assert "newest" not in browser.get(options).text
    add(connection, team_id, "segments", 1, 501)
    add(connection, team_id, "topics", 1, 501)
    text = browser.get(options).text
    assert "Only the 500 newest segments" in text
    assert "Only the 500 newest topics" in text


@pytest.mark.parametrize(
    "pending",
    [
        f"(team_id, first_id, last_id) SELECT team_id, '{NOBODY}', '{LAST}' FROM teams",
        "(team_id, contact_ids) SELECT team_id, array_agg(id) FROM contacts GROUP BY team_id",
        "(team_id, contact_ids) SELECT team_id, ARRAY[id] FROM contacts",
        "(team_id, first_id, last_id) SELECT team_id, id, id FROM contacts",
    ],
)
def test_a_search_says_that_names_are_still_being_sorted(
    client: httpx.Client,
    browser: httpx.Client,
    connection: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    pending: str,
) -> None:
    for number in range(3):
        create_contact(client, f"x{number}@example.com", first_name="Ada")
    connection.execute("DELETE FROM contact_names_pending")
    connection.execute(f"INSERT INTO contact_names_pending {pending}")
    said = "names of many new contacts are still being sorted"
    page = "/dashboard/contacts?search=ada"
    monkeypatch.setattr(search, "PENDING_CONTACTS", 3)
    monkeypatch.setattr(search, "PENDING_ROWS", 3)
    assert said not in browser.get(page).text
    monkeypatch.setattr(search, "PENDING_CONTACTS", 2)
    monkeypatch.setattr(search, "PENDING_ROWS", 2)
    assert said in browser.get(page).text
    assert said not in browser.get("/dashboard/contacts").text
