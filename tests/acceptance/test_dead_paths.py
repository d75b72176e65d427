"""One connection of a worker that nothing comes through on any more, while its others work.

What is sent on it is acknowledged, so that neither side's kernel notices.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.conftest import Connection, Process, Product, held_back
from tests.acceptance.test_crash import LAST, Watch, check_complete, csv_file
from tests.support.network import Path, path_to
from tests.support.patience import wait_until

LEASE_SECONDS = 2
ENVIRONMENT = {"ROLLCALL_LEASE_SECONDS": str(LEASE_SECONDS), "ROLLCALL_BATCH_ROWS": "1000"}
# In so many that a path is sure to die at the right moment of one.
MANY_BATCHES = {**ENVIRONMENT, "ROLLCALL_BATCH_ROWS": "100"}
# What one session of an import is to be at when its path dies.
STATES = {
    "in COPY": "a.state = 'active' AND a.query LIKE 'COPY%%' AND a.wait_event = 'ClientRead'",
    "between statements": "a.state = 'idle in transaction'",
    "in a commit": "a.state = 'active' AND a.query = 'COMMIT' AND a.wait_event_type = 'Timeout'",
}
PORTS = """
SELECT a.client_port FROM contact_import_sessions AS s
JOIN pg_stat_activity AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.import_id = %s
"""
KEEPER = """
SELECT pid, client_port FROM pg_stat_activity
WHERE application_name LIKE 'rollcall-worker %@%' AND datname = current_database()
"""
TAKE_TIME = """
CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.25);
    RETURN NULL;
END
$$;
"""
# Every batch takes its time, so that an import lasts for many leases.
SLOW_BATCHES = """
CREATE TRIGGER slow BEFORE INSERT ON contacts FOR EACH STATEMENT EXECUTE FUNCTION take_time();
"""
# Every commit does, so that a path can die between its beginning and its answer.
SLOW_COMMITS = """
CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON contact_imports DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION take_time();
"""


@dataclass
class World:
    """An API, and a worker with a path to the database of its own."""

    url: str
    worker: Process
    path: Path

    def broken_off(self) -> list[str]:
        log = self.worker.log.read_text().splitlines()
        return [line for line in log if "import broken off" in line]


@pytest.fixture
def environment() -> dict[str, str]:
    """What the worker is started with."""
    return ENVIRONMENT


@pytest.fixture
def world(product: Product, environment: dict[str, str]) -> Iterator[World]:
    address = product.settings.database_url
    url = product.start_api()
    with path_to(address) as path:
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **environment)
        yield World(url, worker, path)
        assert worker.popen.poll() is None
        worker.stop()


def row_of(watch: Watch, connection: Connection, columns: str) -> Any:
    query = f"SELECT {columns} FROM contact_imports WHERE id = %s"
    row = connection.execute(query, (watch.id,)).fetchone()
    assert row is not None
    return row[0]


def owner_of(watch: Watch, connection: Connection) -> uuid.UUID | None:
    owner: uuid.UUID | None = row_of(watch, connection, "lease_owner")
    return owner


def wait_for_leases(number: int, watch: Watch, connection: Connection) -> None:
    """Wait until so many leases are over since now, of which each was renewed."""
    begun = row_of(watch, connection, "clock_timestamp()")
    wait_until(
        lambda: (
            (row_of(watch, connection, "lease_expires_at") - begun).total_seconds()
            > (number + 1) * LEASE_SECONDS
        )
    )


def die_in(state: str, path: Path, watch: Watch, connection: Connection) -> None:
    """Have the path of one session of an import die while it is in a state, after many tries."""
    is_there = f"{PORTS} AND a.client_port = %s AND {STATES[state]}"
    deadline = time.monotonic() + 90
    while True:
        for (port,) in connection.execute(PORTS, (watch.id,)).fetchall():
            path.die_for(port)
            # What it has sent is worked on to its end.
            time.sleep(0.03)
            if connection.execute(is_there, (watch.id, port)).fetchone():
                return
            path.revive_for(port)
        assert time.monotonic() < deadline, f"no session was ever seen {state}"
        time.sleep(0.007)


@pytest.mark.parametrize(
    ("state", "environment"),
    [
        ("in COPY", MANY_BATCHES),
        ("between statements", MANY_BATCHES),
        ("in a commit", ENVIRONMENT),
    ],
)
def test_another_goes_on(
    world: World,
    product: Product,
    team_key: str,
    team_id: uuid.UUID,
    connection: Connection,
    state: str,
) -> None:
    if state == "in a commit":
        connection.execute(TAKE_TIME + SLOW_COMMITS)
    watch = Watch(product, world.url, team_key, csv_file())
    with held_back(product.settings, team_id, LAST):
        wait_until(lambda: watch.total() > 0)
        die_in(state, world.path, watch, connection)
        owner = owner_of(watch, connection)
        wait_until(lambda: owner_of(watch, connection) not in (owner, None))
    check_complete(watch, connection)
    lines = world.broken_off()
    assert len(lines) == 1, world.worker.log.read_text()
    assert watch.id in lines[0]
    # It was given back, and not lost.
    assert "session of a silent worker ended" not in world.worker.log.read_text()
    wait_until(lambda: not connection.execute("SELECT FROM contact_import_sessions").fetchall())


def test_a_connection_that_looks_for_work(
    world: World, product: Product, team_key: str, connection: Connection
) -> None:
    """Whatever thread waits on it, it is not lost to the worker for ever."""
    before = Watch(product, world.url, team_key, b"email\nbefore@example.com\n")
    wait_until(lambda: before.get()["status"] == "completed")
    idle = (
        "SELECT client_port FROM pg_stat_activity WHERE application_name = 'rollcall-worker'"
        " AND datname = current_database()"
    )
    dead = {port for (port,) in connection.execute(idle)}
    for port in dead:
        world.path.die_for(port)
    watch = Watch(product, world.url, team_key, b"email\nafter@example.com\n")
    wait_until(lambda: watch.get()["status"] == "completed")


def test_who_waits_for_a_lock_is_not_broken_off(
    world: World, product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    watch = Watch(product, world.url, team_key, csv_file())
    with held_back(product.settings, team_id, LAST):
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        wait_until(lambda: connection.execute(waiting).fetchone() is not None)
        owner = owner_of(watch, connection)
        wait_for_leases(4, watch, connection)
        assert owner_of(watch, connection) == owner
    check_complete(watch, connection)
    assert world.broken_off() == []


def test_a_keeper_whose_own_connection_is_dead_takes_another_one(
    world: World, product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    watch = Watch(product, world.url, team_key, csv_file())
    with held_back(product.settings, team_id, LAST):
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        wait_until(lambda: connection.execute(waiting).fetchone() is not None)
        owner = owner_of(watch, connection)
        ((pid, port),) = connection.execute(KEEPER).fetchall()
        world.path.die_for(port)
        wait_until(lambda: {p for p, _ in connection.execute(KEEPER)} - {pid} != set())
        wait_for_leases(3, watch, connection)
        assert owner_of(watch, connection) == owner
    check_complete(watch, connection)
    assert world.broken_off() == []


def test_runs_go_on_without_a_keeper(
    world: World, product: Product, team_key: str, connection: Connection
) -> None:
    """It gets no connection, and theirs work."""
    connection.execute(TAKE_TIME + SLOW_BATCHES)
    watch = Watch(product, world.url, team_key, csv_file())
    wait_until(lambda: watch.total() > 0)
    owner = owner_of(watch, connection)
    world.path.refuse_others()
    ((pid, _),) = connection.execute(KEEPER).fetchall()
    connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
    # By the batches that they commit.
    wait_for_leases(2, watch, connection)
    assert owner_of(watch, connection) == owner
    world.path.accept()
    connection.execute("DROP TRIGGER slow ON contacts")
    check_complete(watch, connection)
    assert world.broken_off() == []
