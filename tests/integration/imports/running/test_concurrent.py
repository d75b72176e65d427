"""Imports of one team that write the same contacts at the same time."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from rollcall.logs import configure_logging
from tests.support import oracle
from tests.support.engine import Engine, run_next

COUNT = 400
# Whoever comes to one of the gates waits there until there is somebody at the other, too. A
# sequence is counted up outside of transactions, so the gates stay open for a batch's repetition.
GATES = """
CREATE SEQUENCE arrivals MINVALUE 0 START 0;
SELECT nextval('arrivals');
CREATE FUNCTION wait_for_the_other() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('arrivals');
    FOR attempt IN 1..6000 LOOP
        EXIT WHEN (SELECT last_value >= 2 FROM arrivals);
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN NEW;
END
$$;
CREATE TRIGGER gate BEFORE UPDATE ON contacts
FOR EACH ROW WHEN (NEW.email LIKE '%gate%') EXECUTE FUNCTION wait_for_the_other();
"""


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings)


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1200):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("it did not happen")


def value(engine: Engine, query: str) -> int:
    row = engine.connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def file_of(*emails: str, name: str) -> bytes:
    return "\n".join(["email,first_name", *(f"{each}@b.co,{name}" for each in emails)]).encode()


def test_of_two_that_lock_each_other_out_one_repeats_its_batch(
    engine: Engine, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The first one's second batch names "a" again, and so locks it after "m"."""
    configure_logging(settings)
    logging.getLogger().addHandler(caplog.handler)
    caplog.set_level(logging.INFO, "rollcall.imports")
    engine.run(file_of("a", "b-gate", "m", "n-gate", name="old"), oracle.Options())
    engine.connection.execute(GATES)
    # A contact that does not change is not locked, so that "a" gets another name first.
    begin = file_of("a", "p", "q", name="zero")
    end = file_of("m", "n-gate", "a", name="first").removeprefix(b"email,first_name")
    first = engine.create(begin + end, oracle.Options())
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(run_next, settings, 3)
        wait_until(lambda: value(engine, "SELECT last_value FROM arrivals") == 1)
        second = engine.create(file_of("a", "b-gate", "m", name="second"), oracle.Options())
        other = threads.submit(run_next, settings, 3)
        assert one.result() == (first, RunOutcome.COMPLETED)
        assert other.result() == (second, RunOutcome.COMPLETED)
    told: list[Any] = [each.msg for each in caplog.records if each.name.startswith("rollcall")]
    repeated = [each["reason"] for each in told if each["event"] == "batch repeated"]
    assert repeated == ["DeadlockDetected"]
    assert engine.result(first).counts == (2, 4, 0, 0)
    assert engine.result(second).counts == (0, 3, 0, 0)
    names = {email: contact.first_name for email, contact in engine.contacts().items()}
    assert names.pop("b-gate@b.co") == "second"
    # Batches are all or nothing: whoever was the later one was so for both of the contacts.
    assert len({names.pop("a@b.co"), names.pop("m@b.co")}) == 1
    assert names == {"n-gate@b.co": "first", "p@b.co": "zero", "q@b.co": "zero"}


@pytest.mark.parametrize("on_conflict", ["upsert", "skip"])
def test_the_same_contacts_in_different_orders(
    engine: Engine, settings: Settings, on_conflict: Literal["upsert", "skip"]
) -> None:
    segment = str(uuid.uuid4())
    engine.define((segment,), ())
    options = oracle.Options(segments=(segment,), on_conflict=on_conflict)
    chance = random.Random(11)
    files = [[f"p{n}" for n in range(COUNT)] * 2 for _ in range(2)]
    for file in files:
        chance.shuffle(file)
    ids = {engine.create(file_of(*file, name="x"), options) for file in files}
    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(run_next, settings, 16) for _ in files]
        assert {each.result() for each in runs} == {(id_, RunOutcome.COMPLETED) for id_ in ids}
    counts = [engine.result(id_).counts for id_ in ids]
    assert [sum(each) for each in counts] == [2 * COUNT] * 2
    matched = 3 * COUNT
    assert tuple(map(sum, zip(*counts, strict=True))) == (
        (COUNT, matched, 0, 0) if on_conflict == "upsert" else (COUNT, 0, matched, 0)
    )
    assert value(engine, "SELECT count(*) FROM contacts") == COUNT
    assert value(engine, "SELECT count(*) FROM segment_memberships") == COUNT
