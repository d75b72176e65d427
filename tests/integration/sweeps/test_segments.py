"""The sweep after deleted segments."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg

from rollcall.config import Settings
from rollcall.sweeps.segments import purge_deleted
from tests.support.resources import create_contact, create_segment

Connection = psycopg.Connection[Any]
COUNT = "SELECT (SELECT count(*) FROM segments), (SELECT count(*) FROM segment_memberships)"


def fill(connection: Connection, segment: str, members: int) -> None:
    connection.execute(
        """INSERT INTO segment_memberships (team_id, segment_id, contact_id)
        SELECT team_id, id, uuidv7() FROM segments, generate_series(1, %s) WHERE id = %s""",
        (members, segment),
    )


def test_in_chunks_until_nothing_is_left(client: httpx.Client, connection: Connection) -> None:
    gone, stays = create_segment(client), create_segment(client)
    create_contact(client, segments=[stays])
    fill(connection, gone, 25)
    client.delete(f"/segments/{gone}")
    assert purge_deleted(connection, chunk=10, max_chunks=2) == 2
    assert connection.execute(COUNT).fetchone() == (2, 6)
    assert purge_deleted(connection, chunk=10) == 1
    assert connection.execute(COUNT).fetchone() == (1, 1)
    assert purge_deleted(connection) == 0


def test_a_full_last_chunk(client: httpx.Client, connection: Connection) -> None:
    gone = create_segment(client)
    fill(connection, gone, 10)
    client.delete(f"/segments/{gone}")
    purge_deleted(connection, chunk=10)
    assert connection.execute(COUNT).fetchone() == (0, 0)


def test_who_began_before_is_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings, team_id: uuid.UUID
) -> None:
    gone = create_segment(client)
    contact = create_contact(client)
    with psycopg.connect(settings.psycopg_dsn) as importing:
        importing.execute("SELECT FROM segments WHERE id = %s FOR KEY SHARE", (gone,))
        client.delete(f"/segments/{gone}")
        assert purge_deleted(connection) == 0
        importing.execute(
            "INSERT INTO segment_memberships (team_id, segment_id, contact_id) VALUES (%s, %s, %s)",
            (team_id, gone, contact),
        )
    assert connection.execute(COUNT).fetchone() == (1, 1)
    assert purge_deleted(connection) == 1
    assert connection.execute(COUNT).fetchone() == (0, 0)


def test_a_contact_that_is_being_deleted_is_not_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    gone = create_segment(client)
    create_contact(client, segments=[gone])
    create_contact(client, "eva@example.com", segments=[gone])
    client.delete(f"/segments/{gone}")
    with psycopg.connect(settings.psycopg_dsn) as deleting:
        (id_,) = deleting.execute(
            "DELETE FROM contacts WHERE email = 'eva@example.com' RETURNING id"
        ).fetchall()
        deleting.execute("DELETE FROM segment_memberships WHERE contact_id = %s", id_)
        purge_deleted(connection)
        assert connection.execute(COUNT).fetchone() == (1, 1)
    purge_deleted(connection)
    assert connection.execute(COUNT).fetchone() == (0, 0)
