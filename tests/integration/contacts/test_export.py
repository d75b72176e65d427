"""`/contacts/export.csv`: what is in it, that an import takes it again, what is held meanwhile."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.client.exporting import run_export
from rollcall.config import Settings
from rollcall.contacts import export
from rollcall.formulas import NEUTRAL
from tests.support.resources import (
    NOBODY,
    create_contact,
    create_property,
    create_segment,
    create_topic,
    error,
)
from tests.support.uploads import Importer

Connection = psycopg.Connection[Any]
PATH = "/contacts/export.csv"
LAST = ["segments", "topics", "id", "created_at", "updated_at"]
STORED = "SELECT email, first_name, last_name, unsubscribed, properties FROM contacts"
# Formulas, separators, line ends, numbers of every kind, and what looks like something else.
CONTACTS: list[dict[str, Any]] = [
    {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "unsubscribed": True,
    },
    {"email": "+tag@example.com", "first_name": "=1+1", "properties": {"plan": "@SUM(1)"}},
    {"email": "grace@example.com", "last_name": 'O"Brien,\n; Jr.', "properties": {"score": -5}},
    {"email": "lin@example.com", "first_name": "琳", "properties": {"score": 1.5, "vip": False}},
    {
        "email": "num@example.com",
        "properties": {"plan": "01067", "score": 12345678901, "vip": True},
    },
    {
        "email": "nul@example.com",
        "first_name": "NULL",
        "properties": {"plan": "true", "email": "x"},
    },
    {"email": "exp@example.com", "first_name": "-", "properties": {"score": 1e21, "segments": "y"}},
]
KEYS = {
    "plan": "string",
    "score": "number",
    "vip": "boolean",
    "email": "string",
    "segments": "string",
}


def read(client: httpx.Client, **query: str) -> list[dict[str, str]]:
    response = client.get(PATH, params=query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def emails(client: httpx.Client, **query: str) -> list[str]:
    return [row["email"].partition("@")[0] for row in read(client, **query)]


def test_the_columns_and_a_line(client: httpx.Client) -> None:
    create_property(client)
    segment, topic = create_segment(client), create_topic(client)
    id_ = create_contact(
        client,
        first_name="Ada",
        properties={"plan": "pro"},
        segments=[segment, create_segment(client, "All")],
        topics=[{"id": topic, "subscription": "opt_in"}],
    )
    (row,) = read(client)
    assert list(row) == ["email", "first_name", "last_name", "unsubscribed", "plan", *LAST]
    shown = client.get(f"/contacts/{id_}").json()
    assert row["created_at"] == shown["created_at"]
    del row["created_at"], row["updated_at"]
    assert list(row.values()) == [
        *("ada@example.com", "Ada", "", "false", "pro", "All; Friends", "News: opt_in", id_)
    ]


def test_an_import_makes_the_same_contacts_of_it(
    client: httpx.Client, other_client: httpx.Client, settings: Settings, connection: Connection
) -> None:
    for each in (client, other_client):
        for key, type_ in KEYS.items():
            create_property(each, key, type_)
    for contact in CONTACTS:
        create_contact(client, **contact)
    teams = dict(connection.execute("SELECT name, team_id FROM teams").fetchall())
    exported = client.get(PATH).content
    names = {key: f"properties.{key}" if key in ("email", "segments") else key for key in KEYS}
    properties = {key: {"column": names[key], "type": type_} for key, type_ in KEYS.items()}
    fields = {name: name for name in ("email", "first_name", "last_name", "unsubscribed")}
    importer = Importer(client=other_client, settings=settings, team_id=teams["team b"])
    path = importer.run(exported, column_map={**fields, "properties": properties})
    counts = other_client.get(path).json()["counts"]
    assert (counts["created"], counts["failed"]) == (len(CONTACTS), 0)
    stored = [
        connection.execute(f"{STORED} WHERE team_id = %s ORDER BY id", (teams[name],)).fetchall()
        for name in ("team a", "team b")
    ]
    assert stored[0] == stored[1]
    # And its file is the same, but for what a contact is born with.
    ours, theirs = read(client), read(other_client)
    assert [list(row.values())[:-3] for row in ours] == [list(row.values())[:-3] for row in theirs]
    assert ours[1]["first_name"] == f"{NEUTRAL}=1+1"
    assert ours[2]["score"] == "-5"


def test_conditions(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pages on which nobody, somebody and everybody is wanted.
    monkeypatch.setattr(export, "PAGE_ROWS", 2)
    segment, topic = create_segment(client), create_topic(client, default="opt_in")
    out = [{"id": topic, "subscription": "opt_out"}]
    create_contact(client, "a@example.com")
    create_contact(client, "b@example.com", topics=out)
    create_contact(client, "c@example.com", unsubscribed=True, segments=[segment])
    create_contact(client, "d@example.com", topics=out, segments=[segment])
    create_contact(client, "e@example.com", segments=[segment])
    assert emails(client) == ["a", "b", "c", "d", "e"]
    assert emails(client, segment_id=segment) == ["c", "d", "e"]
    assert emails(client, unsubscribed="true") == ["c"]
    assert emails(client, unsubscribed="false", segment_id=segment) == ["d", "e"]
    assert emails(client, topic_id=topic) == ["a", "c", "e"]
    assert emails(client, topic_id=topic, subscription="opt_out") == ["b", "d"]


def test_a_team_without_contacts_gets_a_header(client: httpx.Client) -> None:
    assert client.get(PATH).content.startswith(b"\xef\xbb\xbfemail,first_name,")
    assert read(client) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"segment_id": NOBODY}, (404, "not_found", "Segment not found")),
        ({"topic_id": NOBODY}, (404, "not_found", "Topic not found")),
        (
            {"segment_id": "x"},
            (422, "validation_error", "Invalid `segment_id`: it must be a valid UUID."),
        ),
        (
            {"topic_id": "x"},
            (422, "validation_error", "Invalid `topic_id`: it must be a valid UUID."),
        ),
        (
            {"unsubscribed": "1"},
            (422, "validation_error", "Invalid `unsubscribed`: it must be true or false."),
        ),
        (
            {"topic_id": NOBODY, "subscription": "in"},
            (422, "validation_error", "Invalid `subscription`: it must be opt_in or opt_out."),
        ),
        (
            {"subscription": "opt_in"},
            (422, "validation_error", "`subscription` is about a topic: say `topic_id` too."),
        ),
    ],
    ids=str,
)
def test_what_cannot_be_asked(
    client: httpx.Client, query: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert error(client.get(PATH, params=query)) == expected


def test_no_connection_is_held_for_a_client_that_takes_its_time(
    client: httpx.Client, connection: Connection, team_id: uuid.UUID
) -> None:
    connection.execute(
        "INSERT INTO contacts (team_id, email, first_name)"
        " SELECT %s, n || '@example.com', repeat('x', 2000) FROM generate_series(1, 6000) AS n",
        (team_id,),
    )
    with client.stream("GET", PATH) as response:
        lines = response.iter_lines()
        next(lines)
        held = connection.execute(
            "SELECT state FROM pg_stat_activity"
            " WHERE application_name = 'rollcall-api' AND state LIKE 'idle in transaction%'"
        ).fetchall()
        assert held == []
        assert sum(1 for _ in lines) == 6000


def test_the_command_saves_the_file_when_it_is_complete(
    client: httpx.Client, api: str, team_key: str, tmp_path: Path
) -> None:
    create_contact(client)
    file = tmp_path / "contacts.csv"
    assert run_export(file, api, team_key, {"segment_id": NOBODY}) == 1
    assert list(tmp_path.glob("contacts*")) == []
    assert run_export(file, api, team_key, {"unsubscribed": "false"}) == 0
    assert file.read_bytes() == client.get(PATH).content
    assert run_export(tmp_path / "no" / "contacts.csv", api, team_key, {}) == 1
    assert run_export(file, None, team_key, {}) == 1
