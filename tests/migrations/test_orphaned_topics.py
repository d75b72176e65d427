"""Topics that ended before the sweep after them existed leave contacts once that is installed."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from rollcall.config import Settings
from rollcall.database import migrate
from rollcall.sweeps.orphaned_topics import purge_orphans
from rollcall.sweeps.sweep import sweep
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
BEFORE = "0010"


def add_team(connection: Connection) -> uuid.UUID:
    team_id = uuid.uuid4()
    connection.execute("INSERT INTO teams (team_id, name) VALUES (%s, %s)", (team_id, str(team_id)))
    return team_id


def add_topic(connection: Connection, team_id: uuid.UUID) -> str:
    row = connection.execute(
        "INSERT INTO topics (team_id, name, default_subscription) VALUES (%s, 't', 'opt_out')"
        " RETURNING id::text",
        (team_id,),
    ).fetchone()
    assert row is not None
    return str(row[0])


def add_contact(connection: Connection, team_id: uuid.UUID, *topics: str) -> None:
    connection.execute(
        "INSERT INTO contacts (team_id, email, topics) VALUES (%s, %s, %s)",
        (team_id, f"{uuid.uuid4()}@example.com", json.dumps(dict.fromkeys(topics, "opt_in"))),
    )


def topics_of(connection: Connection, team_id: uuid.UUID) -> list[set[str]]:
    rows = connection.execute(
        "SELECT topics FROM contacts WHERE team_id = %s ORDER BY id", (team_id,)
    )
    return [set(topics) for (topics,) in rows]


def test_they_leave_contacts_in_chunks(empty: Settings) -> None:
    migrate.upgrade(empty, BEFORE)
    with psycopg.connect(empty.psycopg_dsn, autocommit=True) as connection:
        team_id, other_id, idle_id = sorted(add_team(connection) for _ in range(3))
        stays, gone, too = (add_topic(connection, team_id) for _ in range(3))
        for topics in ([gone, stays], [], [too], [stays], [gone, too]):
            add_contact(connection, team_id, *topics)
        theirs = add_topic(connection, other_id)
        add_contact(connection, other_id, theirs)
        # With it goes all that says which topics there were.
        connection.execute("DELETE FROM topics WHERE id::text = ANY(%s)", ([gone, too],))
        migrate.upgrade(empty)
        later = add_topic(connection, team_id)
        connection.execute("UPDATE topics SET deleted_at = now() WHERE id::text = %s", (later,))
        add_contact(connection, team_id, later)
        assert purge_orphans(connection, chunk=2, max_chunks=2) == 2
        expected = [{stays}, set(), set(), {stays}, {gone, too}, {later}]
        assert topics_of(connection, team_id) == expected
        # A team takes one chunk more than its contacts fill, in which it ends.
        assert purge_orphans(connection, chunk=2) == 2 + 2 + 1
        expected[4] = set()
        assert topics_of(connection, team_id) == expected
        assert topics_of(connection, other_id) == [{theirs}]
        assert topics_of(connection, idle_id) == []
        unmoved = "SELECT bool_and(updated_at = created_at) FROM contacts"
        assert connection.execute(unmoved).fetchone() == (True,)
        assert purge_orphans(connection) == 0


def test_the_workers_sweep_does_it(empty: Settings) -> None:
    migrate.upgrade(empty, BEFORE)
    with psycopg.connect(empty.psycopg_dsn, autocommit=True) as connection:
        team_id = add_team(connection)
        add_contact(connection, team_id, str(uuid.uuid4()))
        migrate.upgrade(empty)
        sweep(lambda: psycopg.connect(empty.psycopg_dsn, autocommit=True))
        assert topics_of(connection, team_id) == [set()]


def test_a_topic_that_is_made_and_chosen_meanwhile_stays(empty: Settings) -> None:
    migrate.upgrade(empty, BEFORE)
    with (
        psycopg.connect(empty.psycopg_dsn, autocommit=True) as connection,
        psycopg.connect(empty.psycopg_dsn) as choosing,
    ):
        team_id = add_team(connection)
        add_contact(connection, team_id, str(uuid.uuid4()))
        migrate.upgrade(empty)
        new = add_topic(choosing, team_id)
        choosing.execute(
            "UPDATE contacts SET topics = topics || jsonb_build_object(%s::text, 'opt_in')", (new,)
        )
        with ThreadPoolExecutor(1) as threads:
            purging = threads.submit(purge_in_a_session_of_its_own, empty)
            wait_until(lambda: is_waiting(connection))
            choosing.commit()
            purging.result()
        assert topics_of(connection, team_id) == [{new}]


def purge_in_a_session_of_its_own(settings: Settings) -> None:
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        purge_orphans(connection)


def is_waiting(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    ).fetchone()
    return row == (1,)
