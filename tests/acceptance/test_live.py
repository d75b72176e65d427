"""Following and cancelling imports of the running product."""

from __future__ import annotations

import asyncio
import itertools
import signal
import uuid
from contextlib import ExitStack
from typing import Any

import httpx
import psycopg

from tests.acceptance.conftest import Product, held_back
from tests.acceptance.test_crash import MIDDLE, ROWS, SMALL_BATCHES, Watch, csv_file
from tests.support.event_stream import Event, events_of
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
WATCHERS = 300


def client_of(product: Product, url: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return product.stack.enter_context(httpx.Client(base_url=url, headers=headers))


def cancel(client: httpx.Client, watch: Watch) -> httpx.Response:
    return client.post(f"/contacts/imports/{watch.id}/cancel")


def check_cancelled(watch: Watch, connection: Connection) -> None:
    wait_until(lambda: watch.get()["status"] == "failed")
    shown = watch.get()
    assert shown["error"]["code"] == "cancelled"
    assert 0 < shown["counts"]["total"] < ROWS
    stored = connection.execute("SELECT count(*) FROM contacts").fetchone()
    assert stored == (shown["counts"]["created"],)


def test_an_import_is_followed_to_its_end(product: Product, team_key: str) -> None:
    url = product.start_api()
    watch = Watch(product, url, team_key, csv_file())
    seen: list[Event] = []
    with events_of(client_of(product, url, team_key), watch.id) as stream:
        seen.append(next(stream))
        product.start("worker", **SMALL_BATCHES)
        seen += [event for event in stream if event.name]
    assert seen[0].data["status"] == "queued"
    assert {event.name for event in seen[:-1]} == {"progress"}
    assert (seen[-1].name, seen[-1].data) == ("completed", watch.get())
    for earlier, later in itertools.pairwise(seen):
        assert earlier.id < later.id
        assert earlier.data["counts"]["total"] <= later.data["counts"]["total"]
        assert earlier.data["progress"] <= later.data["progress"]
    assert seen[-1].data["progress"] == 1
    assert any((event.data["rows_per_second"] or 0) > 0 for event in seen)


def test_the_end_of_the_api_ends_its_streams(product: Product, team_key: str) -> None:
    url = product.start_api()
    api = product.processes[-1]
    watch = Watch(product, url, team_key, csv_file())
    client = client_of(product, url, team_key)
    with events_of(client, watch.id) as one, events_of(client, watch.id) as other:
        first = next(one)
        assert next(other) == first
        # The server has shut down in good order, and then ends by the signal that it was sent.
        assert api.stop() == -signal.SIGTERM
        # Not cut off: both end as a stream should, so that nothing is lost by coming back.
        assert [event for stream in (one, other) for event in stream if event.name] == []
    assert "timeout graceful shutdown" not in api.log.read_text()
    client = client_of(product, product.start_api(), team_key)
    with events_of(client, watch.id, first.id) as stream:
        assert cancel(client, watch).status_code == 200
        assert [event.name for event in stream if event.name] == ["failed"]


def test_many_watch_and_the_database_hardly_notices(
    product: Product, team_key: str, connection: Connection
) -> None:
    url = product.start_api()
    watch = Watch(product, url, team_key, csv_file())
    reads = "SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'contact_imports'"

    async def follow(client: httpx.AsyncClient, opened: asyncio.Semaphore) -> list[str]:
        path = f"/contacts/imports/{watch.id}/events"
        names = []
        async with client.stream("GET", path) as response:
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    names.append(line.removeprefix("event: "))
                    opened.release()
        return names

    async def run() -> list[list[str]]:
        opened = asyncio.Semaphore(0)
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {team_key}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits) as client:
            following = [asyncio.create_task(follow(client, opened)) for _ in range(WATCHERS)]
            for _ in range(WATCHERS):
                await opened.acquire()
            # They are all there; whatever each of them would ask would be seen from now on.
            before = connection.execute(reads).fetchone()
            await asyncio.sleep(3)
            after = connection.execute(reads).fetchone()
            assert before is not None
            assert after is not None
            assert after[0] - before[0] < WATCHERS + 50
            await asyncio.to_thread(product.start, "worker", **SMALL_BATCHES)
            return await asyncio.gather(*following)

    told = asyncio.run(run())
    assert len(told) == WATCHERS
    assert {(names[0], names[-1]) for names in told} == {("progress", "completed")}


def test_a_running_import_is_cancelled(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    product.start("worker", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    client = client_of(product, url, team_key)
    with ExitStack() as held:
        held.enter_context(held_back(product.settings, team_id, MIDDLE))
        wait_until(lambda: watch.total() > 0)
        with events_of(client, watch.id) as stream:
            assert cancel(client, watch).status_code == 200
            held.close()
            *_, end = stream
    assert (end.name, end.data) == ("failed", watch.get())
    check_cancelled(watch, connection)
    assert cancel(client, watch).status_code == 422
    # The worker has survived it.
    after = Watch(product, url, team_key, b"email\nlater@example.com\n")
    wait_until(lambda: after.get()["status"] == "completed")


def test_an_import_whose_worker_was_killed_is_cancelled(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    worker = product.start("worker", ROLLCALL_LEASE_SECONDS="600", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, MIDDLE):
        wait_until(lambda: watch.total() > 0)
        worker.kill()
    client = client_of(product, url, team_key)
    # At once, or at the latest when the database has noticed that the batch at work is lost.
    wait_until(lambda: cancel(client, watch).json().get("error") is not None)
    check_cancelled(watch, connection)
