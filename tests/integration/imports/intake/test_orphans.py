"""Memberships have no foreign keys; nothing that runs at the same time may leave an orphan."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from tests.support import oracle
from tests.support.engine import Engine

ORPHANS = """SELECT count(*) FROM segment_memberships m WHERE NOT EXISTS (
    SELECT FROM contacts c WHERE c.team_id = m.team_id AND c.id = m.contact_id
) OR NOT EXISTS (
    SELECT FROM segments s WHERE s.team_id = m.team_id AND s.id = m.segment_id
)"""
COUNT = 3000


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    """A team whose imports have many small batches."""
    return Engine(connection, settings, batch_rows=50)


def csv_file() -> bytes:
    return "\n".join(["email", *(f"p{n}@example.com" for n in range(COUNT))]).encode()


def keep_doing(
    settings: Settings, statement: str, parameters: dict[str, Any], done: threading.Event
) -> threading.Thread:
    """Run a statement again and again on a connection of its own until `done`."""

    def work() -> None:
        with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
            while not done.is_set():
                connection.execute(statement, parameters)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_contacts_deleted_while_an_import_adds_them_to_a_segment(
    engine: Engine, settings: Settings
) -> None:
    segment = str(uuid.uuid4())
    engine.define((segment,), ())
    engine.run(csv_file(), oracle.Options())
    done = threading.Event()
    deleter = keep_doing(
        settings,
        "DELETE FROM contacts WHERE team_id = %(team)s AND id IN"
        " (SELECT id FROM contacts WHERE team_id = %(team)s ORDER BY random() LIMIT 5)",
        {"team": engine.team_id},
        done,
    )
    try:
        import_id = engine.create(csv_file(), oracle.Options(segments=(segment,)))
        assert engine.work(import_id) is RunOutcome.COMPLETED
    finally:
        done.set()
        deleter.join()
    assert sum(engine.result(import_id).counts) == COUNT
    assert engine.connection.execute(ORPHANS).fetchone() == (0,)
    members = engine.connection.execute("SELECT count(*) FROM segment_memberships").fetchone()
    stored = engine.connection.execute("SELECT count(*) FROM contacts").fetchone()
    assert members is not None
    assert members == stored
    assert 0 < members[0] < COUNT


def test_a_segment_deleted_while_an_import_runs_is_left_out_from_then_on(
    engine: Engine, settings: Settings
) -> None:
    segments = tuple(str(uuid.uuid4()) for _ in range(2))
    topics = tuple(str(uuid.uuid4()) for _ in range(2))
    engine.define(segments, topics)
    options = oracle.Options(segments=segments, topics=tuple((topic, "opt_in") for topic in topics))
    import_id = engine.create(csv_file(), options)
    engine.connection.execute(
        "UPDATE segments SET deleted_at = now() WHERE id = %s", (segments[0],)
    )
    engine.connection.execute("DELETE FROM topics WHERE id = %s", (topics[0],))
    assert engine.work(import_id) is RunOutcome.COMPLETED
    contacts = engine.contacts().values()
    assert len(contacts) == COUNT
    assert {tuple(contact.segments) for contact in contacts} == {(segments[1],)}
    assert {tuple(contact.topics) for contact in contacts} == {(topics[1],)}
    assert engine.connection.execute(ORPHANS).fetchone() == (0,)
