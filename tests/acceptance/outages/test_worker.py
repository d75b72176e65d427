"""A worker that is told to end while the database is frozen."""

from __future__ import annotations

import signal
import uuid
from contextlib import ExitStack
from pathlib import Path

from tests.acceptance.conftest import Product, held_back
from tests.acceptance.test_crash import CREATED, EXPECTED, LAST, Watch, csv_file
from tests.acceptance.test_worker_end import ended_in_time
from tests.support.outages import World, frozen_server
from tests.support.patience import wait_until

ENVIRONMENT = {"ROLLCALL_LEASE_SECONDS": "2", "ROLLCALL_BATCH_ROWS": "1000"}


def test_it_ends_in_time_and_another_goes_on(world: World, tmp_path: Path) -> None:
    with ExitStack() as stack:
        product = Product(world.settings, tmp_path, stack)
        worker = product.start("worker", **ENVIRONMENT)
        watch = Watch(product, world.api.url, world.api.key, csv_file())
        with held_back(world.settings, team_of(world), LAST):
            wait_until(lambda: watch.total() > 0)
            with frozen_server(world), ended_in_time(worker, signal.SIGTERM):
                pass
        assert watch.id in worker.log.read_text()
        product.start("worker", **ENVIRONMENT)
        wait_until(lambda: watch.get()["status"] == "completed")
        assert watch.get()["counts"] == EXPECTED
        with world.connect() as connection:
            stored = connection.execute(
                "SELECT count(*), count(DISTINCT email) FROM contacts WHERE email LIKE 'person%'"
            ).fetchone()
            assert stored == (CREATED, CREATED)


def team_of(world: World) -> uuid.UUID:
    with world.connect() as connection:
        row = connection.execute("SELECT team_id FROM teams WHERE name = 'team a'").fetchone()
    assert row is not None
    found: uuid.UUID = row[0]
    return found
