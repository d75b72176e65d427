"""A worker that has lost its connection to the database gives its imports back over a new one."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from rollcall.imports.running.giving_back import LOST_PAUSE
from tests.acceptance.conftest import Product, held_back
from tests.acceptance.test_crash import EXPECTED, LAST, Watch, check_complete, csv_file
from tests.support.network import path_to
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
# With the lease held, nobody would go on for ten minutes.
ENVIRONMENT = {"ROLLCALL_LEASE_SECONDS": "600", "ROLLCALL_BATCH_ROWS": "1000"}
SESSIONS = """
SELECT backend_pid FROM contact_import_sessions WHERE import_id = %s ORDER BY backend_start
"""

# Who had the lease of each import from when on, and how long it was not to be taken.
HISTORY = """
CREATE TABLE history (
    number bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz DEFAULT clock_timestamp(),
    import_id uuid,
    owner uuid,
    pause interval
);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history (import_id, owner, pause)
    VALUES (NEW.id, NEW.lease_owner, NEW.lease_expires_at - NEW.released_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER UPDATE ON contact_imports FOR EACH ROW
    WHEN (OLD.lease_owner IS DISTINCT FROM NEW.lease_owner) EXECUTE FUNCTION note();
"""
# Ends the session that would try an import alone.
UNABLE = """
CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NEW;
END
$$;
CREATE TRIGGER unable BEFORE UPDATE ON contact_imports FOR EACH ROW
    WHEN (NEW.is_alone) EXECUTE FUNCTION end_session();
"""
GIVEN_BACK = """
SELECT FROM contact_imports
WHERE id = %s AND status = 'in_progress' AND lease_owner IS NULL AND released_at IS NOT NULL
"""


def sessions(watch: Watch, connection: Connection) -> list[int]:
    return [pid for (pid,) in connection.execute(SESSIONS, (watch.id,))]


def goes_on(watch: Watch) -> None:
    seen = watch.total()
    wait_until(lambda: watch.total() > seen, 30)


@pytest.mark.parametrize("which", ["first", "second", "both"])
def test_sessions_are_ended(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection, which: str
) -> None:
    chosen = {"first": slice(0, 1), "second": slice(1, 2), "both": slice(0, 2)}[which]
    url = product.start_api()
    product.start("worker", **ENVIRONMENT)
    large = csv_file() + b"\n" * (1 << 20)
    watch = Watch(product, url, team_key, large)
    with held_back(product.settings, team_id, LAST):
        for _ in range(3):
            wait_until(lambda: len(sessions(watch, connection)) == 2)
            for pid in sessions(watch, connection)[chosen]:
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
            goes_on(watch)
    check_complete(watch, connection)


def test_a_dry_run_is_begun_anew(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    product.start("worker", **ENVIRONMENT)
    watch = Watch(product, url, team_key, csv_file(), dry_run="true")
    for _ in range(2):
        wait_until(lambda: len(sessions(watch, connection)) == 1)
        (pid,) = sessions(watch, connection)
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        wait_until(lambda: pid not in sessions(watch, connection))  # noqa: B023
    wait_until(lambda: watch.get()["status"] == "completed", 30)
    assert watch.get()["counts"] == EXPECTED
    assert connection.execute("SELECT FROM contacts").fetchall() == []


def test_all_connections_are_cut(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    address = product.settings.database_url
    with path_to(address) as path:
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **ENVIRONMENT)
        watch = Watch(product, url, team_key, csv_file())
        with held_back(product.settings, team_id, LAST):
            for _ in range(3):
                wait_until(lambda: watch.total() > 0)
                path.cut()
                goes_on(watch)
        check_complete(watch, connection)
        worker.stop()


def test_the_database_is_away_for_a_moment(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """Tries that fail are followed by others, for as long as the lease lasts."""
    url = product.start_api()
    address = product.settings.database_url
    with path_to(address) as path:
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **ENVIRONMENT)
        watch = Watch(product, url, team_key, csv_file())
        with held_back(product.settings, team_id, LAST):
            wait_until(lambda: watch.total() > 0)
            path.refuse()
            time.sleep(3)
            path.accept()
            goes_on(watch)
        check_complete(watch, connection)
        worker.stop()


def test_it_waits_for_a_moment_and_no_longer(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """By the database's own account: what is lost is given back, and another one takes it."""
    connection.execute(HISTORY)
    url = product.start_api()
    address = product.settings.database_url
    with path_to(address) as path:
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **ENVIRONMENT)
        watch = Watch(product, url, team_key, csv_file())
        with held_back(product.settings, team_id, LAST):
            wait_until(lambda: watch.total() > 0)
            for _ in range(3):
                path.cut()
                goes_on(watch)
            found = connection.execute(
                "SELECT owner, pause FROM history WHERE import_id = %s ORDER BY number",
                (watch.id,),
            ).fetchall()
        check_complete(watch, connection)
        worker.stop()
    owners = [owner for owner, _ in found[::2]]
    assert None not in owners
    assert len(set(owners)) == len(owners) == 4
    assert found[1::2] == [(None, timedelta(seconds=LOST_PAUSE))] * 3


def test_a_dry_run_that_gets_no_connection_of_its_own_is_given_back(
    product: Product, team_key: str, connection: Connection
) -> None:
    url = product.start_api()
    address = product.settings.database_url
    with path_to(address) as path:
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **ENVIRONMENT)
        # By then it has all connections with which it looks for work.
        before = Watch(product, url, team_key, b"email\nbefore@example.com\n")
        wait_until(lambda: before.get()["status"] == "completed")
        path.refuse_others()
        watch = Watch(product, url, team_key, b"email\nada@example.com\n", dry_run="true")
        wait_until(lambda: connection.execute(GIVEN_BACK, (watch.id,)).rowcount == 1)
        path.accept()
        wait_until(lambda: watch.get()["status"] == "completed")
        assert watch.get()["counts"]["created"] == 1
        worker.stop()


def test_one_that_cannot_be_tried_alone_is_given_back(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    connection.execute(UNABLE)
    url = product.start_api()
    short = {**ENVIRONMENT, "ROLLCALL_LEASE_SECONDS": "2"}
    first = product.start("worker", **short)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, LAST):
        wait_until(lambda: watch.total() > 0)
        first.kill()
    product.start("worker", **ENVIRONMENT)
    wait_until(lambda: connection.execute(GIVEN_BACK, (watch.id,)).rowcount == 1)
    connection.execute("DROP TRIGGER unable ON contact_imports")
    check_complete(watch, connection)
