"""The sweep after deleted topics."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import httpx
import psycopg

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from rollcall.sweeps.topics import purge_deleted
from tests.support.engine import run_next
from tests.support.resources import create_contact, create_topic, show

Connection = psycopg.Connection[Any]


def stored(connection: Connection) -> list[dict[str, Any]]:
    return [row[0] for row in connection.execute("SELECT topics FROM contacts ORDER BY id")]


def topics_in(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM topics").fetchone()
    assert row is not None
    count: int = row[0]
    return count


def choose(*topics: str) -> list[dict[str, str]]:
    return [{"id": topic, "subscription": "opt_in"} for topic in topics]


def delete(client: httpx.Client, topic: str) -> None:
    assert client.delete(f"/topics/{topic}").status_code == 200


def test_in_chunks_until_nothing_is_left(client: httpx.Client, connection: Connection) -> None:
    gone, stays = create_topic(client, "gone"), create_topic(client, "stays")
    for number in range(5):
        topics = choose(gone) if number == 2 else choose(gone, stays)
        create_contact(client, f"{number}@example.com", topics=topics)
    delete(client, gone)
    assert purge_deleted(connection, chunk=2, max_chunks=2) == 2
    assert [gone in topics for topics in stored(connection)] == [False] * 4 + [True]
    assert purge_deleted(connection, chunk=2) == 2
    assert [set(topics) for topics in stored(connection)] == [
        set() if number == 2 else {stays} for number in range(5)
    ]
    assert topics_in(connection) == 1
    unmoved = "SELECT bool_and(updated_at = created_at) FROM contacts"
    assert connection.execute(unmoved).fetchone() == (True,)
    assert purge_deleted(connection) == 0


def test_a_deleted_topic_is_gone_at_once(client: httpx.Client) -> None:
    gone, stays = create_topic(client, "gone"), create_topic(client, "stays")
    create_contact(client, topics=choose(gone, stays))
    delete(client, gone)
    assert client.delete(f"/topics/{gone}").status_code == 404
    assert client.get(f"/topics/{gone}").status_code == 404
    assert client.patch(f"/topics/{gone}", json={"name": "x"}).status_code == 404
    assert [topic["id"] for topic in show(client, "/topics")["data"]] == [stays]
    of_contact = show(client, "/contacts/ada@example.com/topics")["data"]
    assert [topic["id"] for topic in of_contact] == [stays]
    chosen = client.patch("/contacts/ada@example.com/topics", json=choose(gone))
    made = client.post("/contacts", json={"email": "b@example.com", "topics": choose(gone)})
    upload = client.post(
        "/contacts/imports",
        files={"file": b"email\nc@example.com\n"},
        data={"topics": json.dumps(choose(gone))},
    )
    for answer in (chosen, made, upload):
        assert answer.status_code == 422
        assert f"Topic {gone} not found" in answer.json()["message"]


def test_who_began_before_is_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    topic = create_topic(client, "gone")
    create_contact(client)
    with psycopg.connect(settings.psycopg_dsn) as writing:
        writing.execute("SELECT FROM topics WHERE id = %s FOR KEY SHARE", (topic,))
        delete(client, topic)
        assert purge_deleted(connection) == 0
        writing.execute(
            "UPDATE contacts SET topics = jsonb_build_object(%s::text, 'opt_in')", (topic,)
        )
    assert stored(connection) == [{topic: "opt_in"}]
    purge_deleted(connection)
    assert stored(connection) == [{}]
    assert topics_in(connection) == 0


def test_an_import_that_was_let_in_before_is_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    """It leaves the topic out from then on; what it had written by then is purged after its end."""
    topic = create_topic(client, "gone")
    csv = b"email\n" + b"".join(b"p%d@example.com\n" % n for n in range(20))
    form = {"topics": json.dumps(choose(topic))}
    upload = client.post("/contacts/imports", files={"file": csv}, data=form)
    import_id = uuid.UUID(upload.json()["id"])
    stop = threading.Event()
    stop.set()
    assert run_next(settings, 5, stop) == (import_id, RunOutcome.PAUSED)
    delete(client, topic)
    assert purge_deleted(connection) == 0
    assert run_next(settings, 5) == (import_id, RunOutcome.COMPLETED)
    assert [topic in topics for topics in stored(connection)] == [True] * 5 + [False] * 15
    purge_deleted(connection)
    assert stored(connection) == [{}] * 20
    assert topics_in(connection) == 0


def test_another_teams_contacts_and_topics_stay(
    client: httpx.Client, other_client: httpx.Client, connection: Connection
) -> None:
    mine, theirs = create_topic(client, "mine"), create_topic(other_client, "theirs")
    create_contact(other_client, topics=choose(theirs))
    assert other_client.delete(f"/topics/{mine}").status_code == 404
    delete(client, mine)
    purge_deleted(connection)
    assert stored(connection) == [{theirs: "opt_in"}]
    assert [topic["id"] for topic in show(other_client, "/topics")["data"]] == [theirs]
