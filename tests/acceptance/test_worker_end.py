"""A worker that is told to end does so in time, whatever it waits for, and keeps no import."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from tests.acceptance.conftest import Process, Product, held_back
from tests.acceptance.test_crash import LAST, MIDDLE, Watch, check_complete, csv_file
from tests.support.buckets import bucket
from tests.support.network import path_to
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
# As long as what holds it up lasts, it would never end by itself; it has eight seconds, and the
# machine may be busy.
END_SECONDS = 60
# With the lease held, another worker would have to wait for ten minutes.
LONG_LEASE = {"ROLLCALL_LEASE_SECONDS": "600", "ROLLCALL_BATCH_ROWS": "1000"}


@contextmanager
def ended_in_time(worker: Process, number: signal.Signals) -> Iterator[None]:
    """Have the worker end; leave the context when it has."""
    began = time.monotonic()
    worker.popen.send_signal(number)
    yield
    worker.popen.wait(END_SECONDS)
    assert time.monotonic() - began < END_SECONDS


def is_free(watch: Watch, connection: Connection) -> bool:
    query = (
        "SELECT lease_owner IS NULL AND lease_expires_at <= now()"
        " FROM contact_imports WHERE id = %s"
    )
    return connection.execute(query, (watch.id,)).fetchone() == (True,)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_while_a_batch_waits_for_a_lock(
    product: Product,
    team_key: str,
    team_id: uuid.UUID,
    connection: Connection,
    number: signal.Signals,
) -> None:
    url = product.start_api()
    worker = product.start("worker", **LONG_LEASE)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, MIDDLE):
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        wait_until(lambda: connection.execute(waiting).fetchone() is not None)
        with ended_in_time(worker, number):
            pass
        assert is_free(watch, connection)
        # A batch gives its locks up by itself after a while, and then nothing has to be broken off.
        assert worker.popen.returncode == 0 or watch.id in worker.log.read_text()
    product.start("worker", **LONG_LEASE)
    check_complete(watch, connection)


def test_while_the_path_to_the_database_is_dead(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    address = product.settings.database_url
    with path_to(address) as path, held_back(product.settings, team_id, LAST):
        worker = product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **LONG_LEASE)
        watch = Watch(product, url, team_key, csv_file())
        wait_until(lambda: watch.total() > 0)
        path.die()
        with ended_in_time(worker, signal.SIGTERM):
            pass
        assert watch.id in worker.log.read_text()


@pytest.fixture
def bucket_settings(settings: Settings) -> Iterator[Settings]:
    """Settings with a bucket for the storage."""
    with bucket() as url:
        yield settings.model_copy(update={"storage_url": url})


def test_while_the_storage_is_silent(
    bucket_settings: Settings, product: Product, team_key: str, connection: Connection
) -> None:
    product.settings = bucket_settings
    url = product.start_api()
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    with ExitStack() as stack:
        path = stack.enter_context(path_to(endpoint))
        worker = product.start("worker", AWS_ENDPOINT_URL=path.leading(endpoint), **LONG_LEASE)
        # What a worker asks at its start is answered.
        before = Watch(product, url, team_key, b"email\nbefore@example.com\n")
        wait_until(lambda: before.get()["status"] == "completed")
        path.die()
        watch = Watch(product, url, team_key, csv_file())
        wait_until(lambda: watch.get()["status"] == "in_progress")
        with ended_in_time(worker, signal.SIGTERM):
            pass
        assert is_free(watch, connection)
        assert watch.id in worker.log.read_text()
    connection.execute("TRUNCATE contacts, contact_import_failures")
    product.start("worker", **LONG_LEASE)
    check_complete(watch, connection)
