"""Cancelling: whatever an import is doing, and whoever is faster."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.kinds import Lane
from rollcall.imports.merging.merge import BatchCounts, Merger
from rollcall.imports.running import claims, leases, progress
from rollcall.imports.running.run import RunLimits, RunOutcome, run_import
from tests.support.engine import means_of, run_next
from tests.support.patience import PATIENCE
from tests.support.resources import NOBODY, error

Connection = psycopg.Connection[Any]
ROWS = 10


def file_of(name: str, rows: int = ROWS) -> bytes:
    return "\n".join(["email", *(f"{name}{n}@example.com" for n in range(rows))]).encode()


def upload(client: httpx.Client, name: str = "p", **form: str) -> str:
    answer = client.post("/contacts/imports", files={"file": file_of(name)}, data=form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def cancel(client: httpx.Client, id_: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/contacts/imports/{id_}/cancel", headers=headers)


def get(client: httpx.Client, id_: str) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/contacts/imports/{id_}").json()
    return shown


def check_cancelled(client: httpx.Client, id_: str, total: int) -> None:
    shown = get(client, id_)
    assert (shown["status"], shown["error"]["code"]) == ("failed", "cancelled")
    assert shown["completed_at"] is not None
    assert shown["rows_per_second"] is None
    assert shown["counts"] == {
        "total": total,
        "created": total,
        "updated": 0,
        "skipped": 0,
        "failed": 0,
    }


def is_any_unfinished(connection: Connection) -> bool:
    found = connection.execute(
        "SELECT FROM contact_imports WHERE status IN ('queued', 'in_progress')"
    )
    return found.rowcount > 0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


class Gate:
    """Holds up a run at some place, inside the transaction of a batch."""

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self._open = threading.Semaphore(0)

    def wait(self) -> None:
        self.reached.release()
        assert self._open.acquire(timeout=PATIENCE)

    def open(self) -> None:
        self._open.release()


@pytest.fixture
def merging(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A gate behind the merge of every batch, while its transaction is open."""
    gate = Gate()
    merge = Merger.merge

    def held_up(merger: Merger, *arguments: Any) -> BatchCounts:
        counts = merge(merger, *arguments)
        gate.wait()
        return counts

    monkeypatch.setattr(Merger, "merge", held_up)
    return gate


Run = Callable[..., Future[tuple[uuid.UUID, RunOutcome]]]


@pytest.fixture
def run(settings: Settings, threads: ThreadPoolExecutor) -> Run:
    """Run the next small import in a thread."""

    def start(
        batch_rows: int = 3, stop: threading.Event | None = None
    ) -> Future[tuple[uuid.UUID, RunOutcome]]:
        return threads.submit(run_next, settings, batch_rows, stop)

    return start


def test_a_queued_one_ends_at_once(client: httpx.Client, connection: Connection) -> None:
    id_ = upload(client)
    answer = cancel(client, id_)
    assert answer.status_code == 200
    assert answer.json() == get(client, id_)
    assert answer.json()["error"] == {
        "code": "cancelled",
        "message": "The import was cancelled. What had been imported by then was kept.",
    }
    check_cancelled(client, id_, 0)
    assert claims.claim_next(connection, Lane.SMALL, 60) is None


def test_of_a_dry_run_nothing_is_said_to_be_kept(client: httpx.Client) -> None:
    answer = cancel(client, upload(client, dry_run="true"))
    assert answer.json()["error"] == {
        "code": "cancelled",
        "message": "The dry run was cancelled. A dry run imports nothing.",
    }


def test_one_that_has_ended_is_left_alone(
    client: httpx.Client, settings: Settings, connection: Connection
) -> None:
    completed, cancelled, missing = (upload(client, name) for name in "abc")
    run_next(settings)
    cancel(client, cancelled)
    (key,) = connection.execute(
        "SELECT object_key FROM contact_imports WHERE id = %s", (missing,)
    ).fetchone() or ("",)
    Path(urlsplit(settings.storage_url).path, key).unlink()
    run_next(settings)
    for id_ in (completed, cancelled, missing):
        before = get(client, id_)
        answer = cancel(client, id_)
        assert error(answer) == (
            422,
            "validation_error",
            "This import has ended already, so it cannot be cancelled.",
        )
        assert get(client, id_) == before
    assert [get(client, id_)["status"] for id_ in (completed, missing)] == ["completed", "failed"]
    assert get(client, missing)["error"]["code"] == "file_missing"


def test_one_that_is_not_there(client: httpx.Client) -> None:
    assert error(cancel(client, NOBODY))[:2] == (404, "not_found")
    assert error(cancel(client, "x"))[:2] == (422, "invalid_parameter")


def test_with_a_key_the_first_answer_is_sent_again(client: httpx.Client) -> None:
    id_ = upload(client)
    first, again, without = (cancel(client, id_, key) for key in ("key", "key", None))
    assert (first.status_code, again.status_code, without.status_code) == (200, 200, 422)
    assert first.json() == again.json()
    other = cancel(client, upload(client), "key")
    assert error(other)[:2] == (409, "invalid_idempotent_request")


def test_one_that_waits_for_its_next_turn_ends_at_once(
    client: httpx.Client, settings: Settings, connection: Connection
) -> None:
    stop = threading.Event()
    stop.set()
    id_ = upload(client)
    assert run_next(settings, 3, stop)[1] is RunOutcome.PAUSED
    shown = get(client, id_)
    assert (shown["status"], shown["rows_per_second"]) == ("in_progress", None)
    assert cancel(client, id_).json()["status"] == "failed"
    check_cancelled(client, id_, 3)
    assert claims.claim_next(connection, Lane.SMALL, 60) is None


def test_one_between_two_batches_ends_at_once(client: httpx.Client, connection: Connection) -> None:
    id_ = upload(client)
    claim = claims.claim_next(connection, Lane.SMALL, 60)
    assert claim is not None
    assert cancel(client, id_).json()["status"] == "failed"
    with pytest.raises(leases.LeaseLost), connection.transaction():
        leases.hold(connection, claim.lease)
    progress.fail(connection, claim.lease, "internal_error")
    check_cancelled(client, id_, 0)


def test_a_running_one_ends_after_its_batch(client: httpx.Client, merging: Gate, run: Run) -> None:
    id_ = upload(client)
    running = run()
    assert merging.reached.acquire(timeout=PATIENCE)
    # The row is locked now, and the answer comes all the same.
    for _ in range(2):
        answer = cancel(client, id_)
        assert (answer.status_code, answer.json()["status"]) == (200, "in_progress")
        assert answer.json()["error"] is None
    merging.open()
    assert running.result() == (uuid.UUID(id_), RunOutcome.FAILED)
    check_cancelled(client, id_, 3)
    assert cancel(client, id_).status_code == 422


def test_one_in_its_last_batch_ends_cancelled_too(
    client: httpx.Client, merging: Gate, run: Run
) -> None:
    id_ = upload(client)
    running = run(batch_rows=100)
    assert merging.reached.acquire(timeout=PATIENCE)
    assert cancel(client, id_).json()["status"] == "in_progress"
    merging.open()
    assert running.result() == (uuid.UUID(id_), RunOutcome.FAILED)
    check_cancelled(client, id_, ROWS)


def test_one_that_is_just_completed_is_completed(
    client: httpx.Client, threads: ThreadPoolExecutor, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    complete = progress.complete

    def held_up(*arguments: Any) -> bool:
        done = complete(*arguments)
        gate.wait()
        return done

    monkeypatch.setattr(progress, "complete", held_up)
    id_ = upload(client)
    running = run(batch_rows=100)
    gate.reached.acquire()
    answers = [threads.submit(cancel, client, id_) for _ in range(3)]
    assert not any(answer.done() for answer in answers)
    assert get(client, id_)["status"] == "in_progress"
    gate.open()
    assert running.result() == (uuid.UUID(id_), RunOutcome.COMPLETED)
    assert {answer.result().status_code for answer in answers} == {422}
    assert get(client, id_)["status"] == "completed"


def test_one_that_is_given_back_does_not_wait_for_its_turn(
    client: httpx.Client, merging: Gate, run: Run
) -> None:
    id_, stop = upload(client), threading.Event()
    running = run(stop=stop)
    assert merging.reached.acquire(timeout=PATIENCE)
    stop.set()
    cancel(client, id_)
    merging.open()
    assert running.result() == (uuid.UUID(id_), RunOutcome.FAILED)
    check_cancelled(client, id_, 3)


def test_one_whose_worker_has_died_in_a_batch_is_ended_by_the_next(
    client: httpx.Client, settings: Settings
) -> None:
    id_ = upload(client)
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as dying:
        claim = claims.claim_next(dying, Lane.SMALL, 0)
        assert claim is not None
        dying.execute("BEGIN")
        leases.hold(dying, claim.lease)
        assert cancel(client, id_).json()["status"] == "in_progress"
        Path(urlsplit(settings.storage_url).path, claim.object_key).unlink()
    # The file is not even looked for.
    assert run_next(settings) == (uuid.UUID(id_), RunOutcome.FAILED)
    check_cancelled(client, id_, 0)


def test_whatever_else_goes_wrong_in_the_batch_it_ends_cancelled(
    client: httpx.Client, connection: Connection
) -> None:
    id_ = upload(client)
    claim = claims.claim_next(connection, Lane.SMALL, 60)
    assert claim is not None
    with connection.transaction():
        leases.hold(connection, claim.lease)
        cancel(client, id_)
    progress.fail(connection, claim.lease, "file_missing")
    check_cancelled(client, id_, 0)


def test_whoever_is_faster_all_agree(
    client: httpx.Client, settings: Settings, threads: ThreadPoolExecutor, connection: Connection
) -> None:
    """Imports run while each is cancelled twice at some moment or other."""
    ids = [upload(client, f"import{n}-") for n in range(24)]

    def work() -> None:
        with psycopg.connect(settings.psycopg_dsn, autocommit=True) as own:
            while is_any_unfinished(own):
                claim = claims.claim_next(own, Lane.SMALL, 15)
                if claim is not None:
                    limits = RunLimits(batch_rows=1, lane=Lane.SMALL, connections=2)
                    run_import(own, claim, means_of(settings), limits)

    workers = [threads.submit(work) for _ in range(2)]
    moments = random.Random(7).sample(ids * 2, len(ids) * 2)
    answers = list(threads.map(lambda id_: (id_, cancel(client, id_).status_code), moments))
    for worker in workers:
        worker.result()
    accepted = {id_ for id_, status in answers if status == 200}
    assert {status for _, status in answers} <= {200, 422}
    total = 0
    for id_ in ids:
        shown = get(client, id_)
        total += shown["counts"]["created"]
        if id_ in accepted:
            check_cancelled(client, id_, shown["counts"]["created"])
        else:
            assert (shown["status"], shown["counts"]["total"]) == ("completed", ROWS)
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (total,)
    assert accepted
