"""Several APIs and workers that have nothing in common but database, Redis and bucket."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.acceptance.conftest import Connection, Product, held_back
from tests.acceptance.test_crash import Watch
from tests.support.buckets import bucket
from tests.support.patience import wait_until

# More than what counts as a small file, which workers take besides.
ROWS = 40_000
# One large import at a time for each, so that as many run as there are workers.
WORKER = {
    "ROLLCALL_WORKER_CONCURRENCY": "1",
    "ROLLCALL_BATCH_ROWS": "4000",
    "ROLLCALL_LEASE_SECONDS": "2",
}
LAST = f"person{ROWS - 1}@example.com"
CSV = "\n".join(
    ["email,first_name", *(f"person{n}@example.com,Person number {n}" for n in range(ROWS))]
).encode()
TEAMS = ("one", "two", "three")


@pytest.fixture
def shared(product: Product) -> Iterator[Product]:
    """The product with its files in a bucket, which every machine reaches."""
    with bucket() as url:
        product.settings = product.settings.model_copy(update={"storage_url": url})
        try:
            yield product
        finally:
            for process in product.processes:
                process.kill()


def test_three_workers_and_two_apis_share_the_work_and_one_dies(
    shared: Product, make_key: Callable[[str], str], connection: Connection
) -> None:
    apis = [shared.start_api() for _ in range(2)]
    workers = [shared.start("worker", **WORKER) for _ in range(3)]
    keys = {team: make_key(team) for team in TEAMS}
    with ExitStack() as held:
        for team in TEAMS:
            (id_,) = _row(connection, "SELECT team_id FROM teams WHERE name = %s", team)
            held.enter_context(held_back(shared.settings, id_, LAST))
        # What one API has taken in the other knows as well, and any worker reads.
        watches = [
            Watch(shared, apis[number % 2], key, CSV) for number, key in enumerate(keys.values())
        ]
        # Each of the three has one, and all but its last rows.
        wait_until(lambda: all(watch.total() == ROWS - 4000 for watch in watches))
        owners = "SELECT count(DISTINCT lease_owner) FROM contact_imports"
        assert _row(connection, owners) == (len(workers),)
        workers[0].kill()
    assert _counts(watches) == [("completed", ROWS, 0)] * 3
    more = [Watch(shared, apis[1], key, CSV, on_conflict="skip") for key in keys.values()]
    assert _counts(more) == [("completed", 0, ROWS)] * 3
    stored = "SELECT count(*), count(DISTINCT (team_id, email)) FROM contacts"
    assert _row(connection, stored) == (3 * ROWS, 3 * ROWS)
    # Those that are left end when they are told to.
    assert [worker.stop() for worker in workers[1:]] == [0, 0]
    assert workers[0].popen.poll() == -signal.SIGKILL


def _counts(watches: list[Watch]) -> list[tuple[str, int, int]]:
    """Return how imports have ended, once they have."""
    wait_until(lambda: all(watch.get()["completed_at"] for watch in watches))
    shown = [watch.get() for watch in watches]
    return [
        (each["status"], each["counts"]["created"], each["counts"]["skipped"]) for each in shown
    ]


def _row(connection: Connection, query: str, *parameters: str) -> tuple[Any, ...]:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return tuple(row)
