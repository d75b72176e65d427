"""Batches that are at work at the same time are committed one after the other."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import polars as pl
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.merging.merge import Merger
from rollcall.imports.running import giving_back, leases, pipe
from rollcall.imports.running.commit_order import BrokenOff, CommitOrder, OutOfTurn
from rollcall.imports.running.run import RunOutcome
from tests.support import oracle
from tests.support.engine import Engine, means_of
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
NAMES = oracle.Options(oracle.ColumnMap(first_name="name"))
PEOPLE = ("a@example.com", "b@example.com", "c@example.com")


@pytest.fixture
def engine(connection: Connection, settings: Settings) -> Engine:
    engine = Engine(connection, settings, batch_rows=1, connections=2)
    engine.run(file_with("before"), NAMES)
    return engine


@pytest.fixture
def other(settings: Settings) -> Iterator[Connection]:
    """Somebody else's connection."""
    with psycopg.connect(settings.psycopg_dsn) as connection:
        yield connection


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def file_with(name: str) -> bytes:
    return "\n".join(["email,name", *(f"{email},{name}" for email in PEOPLE), ""]).encode()


def change(connection: Connection, engine: Engine, email: str) -> None:
    connection.execute(
        "UPDATE contacts SET last_name = 'other' WHERE team_id = %s AND email = %s",
        (engine.team_id, email),
    )


def names(engine: Engine) -> list[tuple[str | None, str | None]]:
    rows = engine.connection.execute(
        "SELECT first_name, last_name FROM contacts WHERE team_id = %s ORDER BY email",
        (engine.team_id,),
    )
    return [(row[0], row[1]) for row in rows]


def wait_until_locked(engine: Engine, email: str) -> None:
    """Wait until a batch has changed a contact without a commit."""
    query = "SELECT FROM contacts WHERE team_id = %s AND email = %s FOR UPDATE SKIP LOCKED"
    given = (engine.team_id, email)
    wait_until(lambda: engine.connection.execute(query, given).fetchone() is None)


def test_the_second_waits_for_the_first(
    engine: Engine, other: Connection, thread: ThreadPoolExecutor
) -> None:
    change(other, engine, PEOPLE[0])
    import_id = engine.create(file_with("after"), NAMES)
    running = thread.submit(engine.work, import_id)
    wait_until_locked(engine, PEOPLE[1])
    assert engine.result(import_id).counts == (0, 0, 0, 0)
    assert names(engine) == [("before", None)] * 3
    other.rollback()
    assert running.result() is RunOutcome.COMPLETED
    assert engine.result(import_id).counts == (0, 3, 0, 0)
    assert names(engine) == [("after", None)] * 3


def test_the_second_is_not_waited_for_by_somebody_for_whom_the_first_waits(
    engine: Engine, other: Connection, thread: ThreadPoolExecutor
) -> None:
    """No lock in the database tells that the second waits, so the server sees no deadlock."""
    change(other, engine, PEOPLE[0])
    import_id = engine.create(file_with("after"), NAMES)
    running: Future[RunOutcome] = thread.submit(engine.work, import_id)
    wait_until_locked(engine, PEOPLE[1])
    other.execute("SET LOCAL lock_timeout = '30s'")
    change(other, engine, PEOPLE[1])
    other.commit()
    assert running.result() is RunOutcome.COMPLETED
    assert engine.result(import_id).counts == (0, 3, 0, 0)
    assert names(engine) == [("after", "other"), ("after", "other"), ("after", None)]


def test_what_an_earlier_batch_has_waits_for_it(engine: Engine) -> None:
    engine.batch_rows = 2
    rows = ["email,name", "x@example.com,1", "y@example.com,1", "x@example.com,2", "z@example.com,"]
    rows += ["y@example.com,2", "x@example.com,3", "x@example.com,4", "z@example.com,1", ""]
    import_id = engine.create("\n".join(rows).encode(), NAMES)
    assert engine.work(import_id) is RunOutcome.COMPLETED
    assert engine.result(import_id).counts == (3, 5, 0, 0)
    assert names(engine)[3:] == [("4", None), ("2", None), ("1", None)]


def test_an_import_goes_on_when_there_is_no_second_connection(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    means = means_of(engine.settings)

    def refused() -> Connection:
        # No such database: refused by the server, as one too many would be.
        return psycopg.connect(engine.settings.psycopg_dsn, dbname=f"none-{uuid.uuid4()}")

    monkeypatch.setattr(
        "tests.support.engine.means_of",
        lambda *_: type(means)(storage=means.storage, stop=means.stop, connect=refused),
    )
    import_id = engine.create(file_with("after"), NAMES)
    assert engine.work(import_id) is RunOutcome.COMPLETED
    assert engine.result(import_id).counts == (0, 3, 0, 0)


@pytest.mark.parametrize("place", ["reading", "merging"])
@pytest.mark.parametrize("connections", [1, 2])
def test_a_panic_ends_the_run_as_any_error(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, place: str, connections: int
) -> None:
    """A panic of polars is no Exception, and nobody must wait for the thread that it ends."""

    def panic(*_: object) -> None:
        raise pl.exceptions.PanicException("out of bounds")

    if place == "reading":
        monkeypatch.setattr(pipe, "map_chunk", panic)
    else:
        monkeypatch.setattr(Merger, "merge", panic)
    monkeypatch.setattr(giving_back, "RETRY_PAUSE", 0)
    engine.connections = connections
    import_id = engine.create(file_with("after"), NAMES)
    for _ in range(leases.MAX_ATTEMPTS):
        with pytest.raises(RuntimeError, match="out of bounds"):
            engine.work(import_id)
    assert engine.work(import_id) is RunOutcome.FAILED
    assert engine.result(import_id).status == "failed"


def test_an_import_that_is_over_takes_no_more_batches(engine: Engine, other: Connection) -> None:
    """Whoever ends it without regard to the lock, as an older version does, is not overruled."""
    engine.connections = 1
    change(other, engine, PEOPLE[0])
    import_id = engine.create(file_with("after"), NAMES)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(engine.work, import_id)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        wait_until(lambda: engine.connection.execute(waiting).fetchone() != (0,))
        engine.connection.execute(
            "UPDATE contact_imports SET status = 'failed', error_code = 'cancelled',"
            " completed_at = now(), lease_owner = NULL, lease_expires_at = NULL WHERE id = %s",
            (import_id,),
        )
        other.rollback()
        assert running.result() is RunOutcome.NOT_OURS
    assert engine.result(import_id).counts == (0, 0, 0, 0)
    assert names(engine) == [("before", None)] * 3


def test_order() -> None:
    order = CommitOrder()
    order.wait(0, 0)
    with pytest.raises(OutOfTurn):
        order.wait(1, 0)
    order.end(0)
    order.wait(1, 0)
    threading.Timer(0.05, order.break_off, [2]).start()
    with pytest.raises(BrokenOff):
        order.wait(3)
    # Those before it do not depend on it.
    with pytest.raises(OutOfTurn):
        order.wait(2, 0)
    order.end(1)
    order.wait(2, 0)
