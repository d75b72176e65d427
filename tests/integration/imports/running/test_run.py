"""What a run does with leases, files that are gone, and imports that keep failing."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.kinds import Lane
from rollcall.imports.merging.merge import Merger
from rollcall.imports.running import claims, giving_back, leases
from rollcall.imports.running.leases import MAX_ATTEMPTS, MAX_DATABASE_ATTEMPTS
from rollcall.imports.running.run import RunLimits, RunOutcome, run_import
from rollcall.imports.sentences import ERRORS
from rollcall.logs import configure_logging
from tests.support import oracle
from tests.support.engine import Engine, means_of

CSV = b"email\na@example.com\nb@example.com\n"
Row = tuple[Any, ...]


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings)


def row_of(engine: Engine, import_id: uuid.UUID, columns: str) -> Row:
    row = engine.connection.execute(
        f"SELECT {columns} FROM contact_imports WHERE id = %s", (import_id,)
    ).fetchone()
    assert row is not None
    return tuple(row)


def test_a_file_that_is_gone_fails_the_import(engine: Engine, settings: Settings) -> None:
    import_id = engine.create(CSV, oracle.Options())
    (key,) = row_of(engine, import_id, "object_key")
    Path(urlsplit(settings.storage_url).path, key).unlink()
    assert engine.work(import_id) is RunOutcome.FAILED
    assert row_of(engine, import_id, "status, error_code, completed_at IS NOT NULL") == (
        "failed",
        "file_missing",
        True,
    )


def test_an_import_is_claimed_once(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    first = claims.claim_next(engine.connection, Lane.LARGE, 60)
    assert first is not None
    assert first.lease.import_id == import_id
    assert claims.claim_next(engine.connection, Lane.LARGE, 60) is None
    assert claims.claim_next(engine.connection, Lane.SMALL, 60) is None


def test_a_lease_that_was_lost_cannot_commit(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    first = claims.claim_next(engine.connection, Lane.LARGE, 0)
    second = claims.claim_next(engine.connection, Lane.LARGE, 60)
    assert first is not None
    assert second is not None
    with pytest.raises(leases.LeaseLost):
        leases.hold(engine.connection, first.lease)
    leases.release(engine.connection, first.lease)
    leases.hold(engine.connection, second.lease)
    assert row_of(engine, import_id, "status, total") == ("in_progress", 0)


def test_an_import_that_brings_down_its_worker_is_given_up(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    for _ in range(MAX_ATTEMPTS):
        assert claims.claim_next(engine.connection, Lane.LARGE, 0) is not None
    assert engine.work(import_id) is RunOutcome.FAILED
    assert row_of(engine, import_id, "status, error_code, total") == ("failed", "worker_crashed", 0)


def test_an_error_of_ours_is_tried_again_then_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    import_id = engine.create(CSV, oracle.Options())
    monkeypatch.setattr(giving_back, "RETRY_PAUSE", 0)
    monkeypatch.setattr(Merger, "merge", broken)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            engine.work(import_id)
        assert row_of(engine, import_id, "status, total") == ("in_progress", 0)
    assert engine.work(import_id) is RunOutcome.FAILED
    assert row_of(engine, import_id, "status, error_code") == ("failed", "internal_error")


DISK_FULL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
END
$$;
CREATE TRIGGER refuse BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def try_and_see_the_disk_full(engine: Engine, import_id: uuid.UUID) -> None:
    """Have a run of the import fail; the next one does not have to wait."""
    with pytest.raises(psycopg.errors.DiskFull):
        engine.work(import_id)
    assert row_of(engine, import_id, "lease_expires_at > now()") == (True,)
    engine.connection.execute("UPDATE contact_imports SET lease_expires_at = now()")


def test_what_the_database_refuses_is_tried_again_after_longer_and_longer_pauses(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    configure_logging(engine.settings)
    import_id = engine.create(CSV, oracle.Options())
    engine.connection.execute(DISK_FULL)
    logging.getLogger().addHandler(caplog.handler)
    for _ in range(9):
        try_and_see_the_disk_full(engine, import_id)
    told: list[Any] = [each.msg for each in caplog.records if each.name == giving_back.__name__]
    assert {(each["reason"], each["code"]) for each in told} == {("DiskFull", "database_error")}
    assert [each["seconds"] for each in told] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    engine.connection.execute("DROP TRIGGER refuse ON contacts")
    assert engine.work(import_id) is RunOutcome.COMPLETED
    assert engine.result(import_id).counts == (2, 0, 0, 0)
    assert row_of(engine, import_id, "error_code") == (None,)


def test_what_the_database_goes_on_refusing_is_told(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    engine.connection.execute(DISK_FULL)
    for _ in range(MAX_DATABASE_ATTEMPTS):
        try_and_see_the_disk_full(engine, import_id)
        assert row_of(engine, import_id, "status") == ("in_progress",)
    assert engine.work(import_id) is RunOutcome.FAILED
    assert row_of(engine, import_id, "status, error_code") == ("failed", "database_error")
    assert "database_error" in ERRORS


def test_a_worker_that_is_stopped_forgets_nothing_of_that(engine: Engine) -> None:
    """Or all the attempts would be taken for crashes of workers."""
    import_id = engine.create(CSV, oracle.Options())
    engine.connection.execute(DISK_FULL)
    for _ in range(MAX_ATTEMPTS + 1):
        try_and_see_the_disk_full(engine, import_id)
    claim = claims.claim_next(engine.connection, Lane.LARGE, 60)
    assert claim is not None
    assert leases.release(engine.connection, claim.lease) == 0
    assert leases.release(engine.connection, claim.lease) is None
    engine.connection.execute("DROP TRIGGER refuse ON contacts")
    assert engine.work(import_id) is RunOutcome.COMPLETED


def test_a_run_that_is_stopped_goes_on_where_it_was(engine: Engine) -> None:
    data = "\n".join(["email", *(f"p{n}@example.com" for n in range(10))]).encode()
    import_id = engine.create(data, oracle.Options())
    stop = threading.Event()
    stop.set()
    engine.batch_rows = 3
    outcomes: list[RunOutcome] = []
    totals = []
    while not outcomes or outcomes[-1] is RunOutcome.PAUSED:
        outcomes.append(engine.work(import_id, stop))
        totals.append(row_of(engine, import_id, "total")[0])
    assert outcomes == [RunOutcome.PAUSED] * 3 + [RunOutcome.COMPLETED]
    assert totals == [3, 6, 9, 10]
    assert engine.result(import_id).counts == (10, 0, 0, 0)


def test_each_kind_of_trouble_has_its_own_limit(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours after many refusals of the database is the first of its kind."""
    errors: list[type[Exception]] = [psycopg.errors.DiskFull] * (MAX_ATTEMPTS + 2)
    errors += [psycopg.errors.TransactionTimeout, ZeroDivisionError]

    def broken(*_: object) -> None:
        raise errors[0]

    import_id = engine.create(CSV, oracle.Options())
    monkeypatch.setattr(giving_back, "RETRY_PAUSE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(Merger, "merge", broken)
        while errors:
            with pytest.raises(errors[0]):
                engine.work(import_id)
            errors.pop(0)
    assert row_of(engine, import_id, "error_code, attempts") == ("internal_error", 1)
    assert engine.work(import_id) is RunOutcome.COMPLETED


def test_one_whose_connection_is_lost_before_it_begins_is_given_back(
    engine: Engine, settings: Settings
) -> None:
    import_id = engine.create(CSV, oracle.Options())
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        claim = claims.claim_next(connection, Lane.LARGE, 600)
    assert claim is not None
    with pytest.raises(psycopg.OperationalError):
        run_import(connection, claim, means_of(settings), RunLimits(batch_rows=100))
    given_back = "lease_owner IS NULL, released_at IS NOT NULL, is_suspect, error_code"
    assert row_of(engine, import_id, given_back) == (True, True, False, "database_error")
