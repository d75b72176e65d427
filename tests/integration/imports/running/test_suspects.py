"""Which attempts count, of imports whose worker fell silent and of those that crash alone."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.kinds import ErrorCode, Lane
from rollcall.imports.merging.merge import Merger
from rollcall.imports.running import claims, giving_back, leases, run, sessions
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.leases import MAX_ATTEMPTS, MAX_LOSSES
from rollcall.imports.running.run import RunOutcome
from tests.support import oracle
from tests.support.engine import Engine, means_of

CSV = b"email\na@example.com\nb@example.com\n"


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings)


def claim(engine: Engine, seconds: float = 0) -> Claim:
    claimed = claims.claim_next(engine.connection, Lane.LARGE, seconds)
    assert claimed is not None
    return claimed


def test_only_one_that_nobody_has_given_back_is_suspect(engine: Engine) -> None:
    engine.create(CSV, oracle.Options())
    first = claim(engine)
    assert not first.is_suspect
    leases.release(engine.connection, first.lease)
    assert not claim(engine).is_suspect
    third = claim(engine)
    assert third.is_suspect
    # It stays so until a batch is committed, whoever gives it back.
    leases.release(engine.connection, third.lease)
    assert claim(engine).is_suspect


def test_a_batch_clears_it(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    claim(engine)
    assert engine.work(import_id) is RunOutcome.COMPLETED
    row = engine.connection.execute("SELECT is_suspect, crashes FROM contact_imports").fetchone()
    assert row == (False, 0)


def lose(engine: Engine) -> Claim:
    """Have an import tried alone by a worker that ends together with it; return its next claim."""
    claimed = claim(engine)
    assert (claimed.is_suspect, claimed.is_lost, claimed.is_given_up) == (True, False, False)
    assert leases.isolate(engine.connection, claimed.lease)
    return claim(engine)


def lose_again_and_again(engine: Engine, times: int) -> None:
    """Put a lost import off each time, and have the pause be over."""
    for losses in range(1, times + 1):
        lost = lose(engine)
        assert (lost.is_lost, lost.losses, lost.is_given_up) == (True, losses, False)
        assert leases.put_off(engine.connection, lost.lease)
        end_pause(engine)


def end_pause(engine: Engine) -> None:
    engine.connection.execute("UPDATE contact_imports SET lease_expires_at = now()")


def test_attempts_alone_that_end_with_their_worker_have_a_generous_limit(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    claim(engine)
    lose_again_and_again(engine, MAX_LOSSES - 1)
    last = lose(engine)
    assert (last.is_given_up, last.error_in_the_end) == (True, "worker_crashed")
    assert engine.work(import_id) is RunOutcome.FAILED
    row = engine.connection.execute("SELECT error_code FROM contact_imports").fetchone()
    assert row == ("worker_crashed",)


def test_such_attempts_are_forgotten_when_a_batch_is_committed(engine: Engine) -> None:
    engine.batch_rows = 1
    import_id = engine.create(CSV, oracle.Options())
    claim(engine)
    lose_again_and_again(engine, MAX_LOSSES - 1)
    stop = threading.Event()
    stop.set()
    assert engine.work(import_id, stop) is RunOutcome.PAUSED
    claim(engine)
    lose_again_and_again(engine, MAX_LOSSES - 1)
    assert engine.work(import_id) is RunOutcome.COMPLETED


def test_an_attempt_alone_that_its_worker_gives_back_does_not_count(engine: Engine) -> None:
    """However many times it is interrupted by a new version of the workers."""
    import_id = engine.create(CSV, oracle.Options())
    claim(engine)
    for _ in range(2 * MAX_LOSSES):
        claimed = claim(engine)
        assert (claimed.losses, claimed.is_given_up) == (0, False)
        leases.isolate(engine.connection, claimed.lease)
        leases.release(engine.connection, claimed.lease)
    assert engine.work(import_id) is RunOutcome.COMPLETED


def test_one_that_is_lost_waits_longer_and_longer_and_others_do_not(engine: Engine) -> None:
    lost_id = engine.create(CSV, oracle.Options())
    claim(engine)
    pauses: list[int] = []
    for _ in range(MAX_LOSSES - 1):
        lost = lose(engine)
        assert lost.lease.import_id == lost_id
        assert leases.put_off(engine.connection, lost.lease)
        assert not leases.put_off(engine.connection, lost.lease)
        other_id = engine.create(CSV, oracle.Options())
        assert engine.work(other_id) is RunOutcome.COMPLETED
        assert claims.claim_next(engine.connection, Lane.LARGE, 0) is None
        pauses += (
            engine.connection.execute(
                "SELECT extract(epoch FROM lease_expires_at - released_at)::int"
                " FROM contact_imports WHERE id = %s",
                (lost_id,),
            ).fetchone()
            or ()
        )
        end_pause(engine)
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 600, 600]


def test_who_has_a_suspect_at_work_leaves_the_others(engine: Engine) -> None:
    """However many there are, be they given back, queued again or still with a silent worker."""
    suspects = [engine.create(CSV, oracle.Options()) for _ in range(30)]
    for _ in suspects:
        claim(engine, seconds=60)
    engine.connection.execute(
        """UPDATE contact_imports SET
            lease_expires_at = now(),
            is_suspect = id = ANY(%(known)s),
            lease_owner = CASE WHEN id <> ALL(%(known)s) THEN lease_owner END,
            status = CASE WHEN id = ANY(%(queued)s) THEN 'queued' ELSE status END""",
        {"known": suspects[10:], "queued": suspects[20:]},
    )
    assert claims.claim_next(engine.connection, Lane.LARGE, 60, suspects=False) is None
    healthy = engine.create(CSV, oracle.Options())
    for _ in range(2):
        # Once as one that is queued, and once as one that has given way to others.
        claimed = claims.claim_next(engine.connection, Lane.LARGE, 60, suspects=False)
        assert claimed is not None
        assert (claimed.lease.import_id, claimed.is_suspect) == (healthy, False)
        leases.release(engine.connection, claimed.lease)
    assert claim(engine, seconds=60).lease.import_id == suspects[0]


def test_nobody_gives_way_to_a_suspect_that_has_to_wait(engine: Engine, settings: Settings) -> None:
    Engine(engine.connection, settings).create(CSV, oracle.Options())
    claim(engine)
    engine.create(CSV, oracle.Options())
    own = claims.claim_next(engine.connection, Lane.LARGE, 60, suspects=False)
    assert own is not None
    assert claims.is_turn_over(engine.connection, own.lease, Lane.LARGE)
    assert not claims.is_turn_over(engine.connection, own.lease, Lane.LARGE, suspects=False)


def test_a_crash_after_many_errors_of_the_database_is_the_first(engine: Engine) -> None:
    import_id = engine.create(CSV, oracle.Options())
    claim(engine)
    for _ in range(2 * MAX_ATTEMPTS):
        lease = claim(engine).lease
        leases.release(engine.connection, lease, forgive=False, error_code=ErrorCode.DATABASE_ERROR)
    assert leases.record_crash(engine.connection, claim(engine).lease) == 1
    end_pause(engine)
    assert engine.work(import_id) is RunOutcome.COMPLETED


@pytest.mark.parametrize("before", [None, "database_error", "storage_error"])
def test_crashes_alone_have_a_limit_of_their_own(engine: Engine, before: str | None) -> None:
    import_id = engine.create(CSV, oracle.Options())
    for _ in range(2 * MAX_ATTEMPTS if before else 0):
        lease = claim(engine).lease
        leases.release(engine.connection, lease, forgive=False, error_code=before)
    claim(engine)
    for crashes in range(1, MAX_ATTEMPTS + 1):
        claimed = claim(engine)
        assert not claimed.is_given_up
        leases.isolate(engine.connection, claimed.lease)
        assert leases.record_crash(engine.connection, claimed.lease) == crashes
        assert leases.record_crash(engine.connection, claimed.lease) is None
        end_pause(engine)
    assert engine.work(import_id) is RunOutcome.FAILED
    row = engine.connection.execute("SELECT error_code FROM contact_imports").fetchone()
    assert row == ("worker_crashed",)


@pytest.mark.parametrize("before", ["database_error", "storage_error"])
def test_silent_workers_do_not_get_the_patience_of_another_trouble(
    engine: Engine, before: str
) -> None:
    engine.create(CSV, oracle.Options())
    lease = claim(engine).lease
    leases.release(engine.connection, lease, forgive=False, error_code=before)
    for _ in range(MAX_ATTEMPTS):
        assert not claim(engine).is_given_up
    last = claim(engine)
    assert (last.is_given_up, last.error_in_the_end) == (True, "worker_crashed")


def test_a_dry_run_that_always_fails_behind_a_batch_is_given_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins anew each time, so that a batch of it is no progress."""
    merge = Merger.merge

    def fail_behind_the_first(merger: Merger, *arguments: Any) -> Any:
        if arguments[0].batch.is_last:
            raise ZeroDivisionError
        return merge(merger, *arguments)

    engine.batch_rows = 1
    import_id = engine.create(CSV, oracle.Options(), dry_run=True)
    monkeypatch.setattr(giving_back, "RETRY_PAUSE", 0)
    monkeypatch.setattr(Merger, "merge", fail_behind_the_first)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            engine.work(import_id)
    assert engine.work(import_id) is RunOutcome.FAILED


def test_sessions_end_with_their_lease_and_no_others(engine: Engine, settings: Settings) -> None:
    engine.create(CSV, oracle.Options())
    engine.create(CSV, oracle.Options())
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as silent:
        lost = claims.claim_next(silent, Lane.LARGE, 0)
        assert lost is not None
        with psycopg.connect(settings.psycopg_dsn, autocommit=True) as healthy:
            kept = claims.claim_next(healthy, Lane.SMALL, 60) or claims.claim_next(
                healthy, Lane.LARGE, 60
            )
            assert kept is not None
            ended = sessions.end_abandoned(engine.connection, [], 60)
            assert [each.backend_pid for each in ended] == [silent.info.backend_pid]
            with pytest.raises(psycopg.OperationalError):
                silent.execute("SELECT")
            healthy.execute("SELECT")
            assert sessions.end_abandoned(engine.connection, [], 60) == []
            leases.release(healthy, kept.lease)
    left = engine.connection.execute("SELECT FROM contact_import_sessions").fetchall()
    assert left == []


def test_a_statement_that_is_ended_has_the_import_given_back(
    engine: Engine, settings: Settings
) -> None:
    """By an operator or a time limit of the server: it is tried again, and it counts."""
    engine.create(CSV, oracle.Options())
    claimed = claim(engine, seconds=60)
    engine.connection.execute("SET statement_timeout = '200ms'")
    with psycopg.connect(settings.psycopg_dsn) as other:
        other.execute("LOCK TABLE contacts")
        with pytest.raises(psycopg.errors.QueryCanceled):
            run.run_import(
                engine.connection, claimed, means_of(settings), run.RunLimits(batch_rows=100)
            )
    row = engine.connection.execute(
        "SELECT lease_owner, attempts, error_code, is_suspect FROM contact_imports"
    ).fetchone()
    assert row == (None, 1, ErrorCode.DATABASE_ERROR, False)


def test_a_process_that_hangs_does_not_keep_its_import(engine: Engine) -> None:
    engine.create(CSV, oracle.Options())
    claimed = claim(engine, seconds=60)
    assert leases.is_kept(engine.connection, claimed.lease)
    engine.connection.execute(
        "UPDATE contact_imports SET lease_expires_at = now() - interval '59 seconds'"
    )
    assert leases.is_kept(engine.connection, claimed.lease)
    engine.connection.execute(
        "UPDATE contact_imports SET lease_expires_at = now() - interval '61 seconds'"
    )
    assert not leases.is_kept(engine.connection, claimed.lease)
