"""Redis only rings for workers: while it is away they import, purge and end as ever."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
import redis

from rollcall.imports.wake import QUEUE_NAME, connect_queue, enqueue
from tests.acceptance.conftest import Process, Product, Team
from tests.acceptance.test_crash import Watch
from tests.support.patience import wait_until
from tests.support.redis_server import RedisServer, redis_server

Connection = psycopg.Connection[Any]
AWAY: dict[str, tuple[Callable[[RedisServer], None], Callable[[RedisServer], None]]] = {
    "killed": (RedisServer.kill, RedisServer.start),
    "frozen": (RedisServer.freeze, RedisServer.thaw),
}
# As long as what holds it up lasts, it would never end by itself; it has eight seconds, and the
# machine may be busy.
END_SECONDS = 60


def import_one(product: Product, url: str, key: str) -> None:
    watch = Watch(product, url, key, f"email\n{uuid.uuid4()}@example.com\n".encode())
    wait_until(lambda: watch.get()["status"] == "completed")


def delete_something(client: httpx.Client, connection: Connection) -> None:
    """Delete a segment, and wait until a worker has purged what is left of it."""
    segment = client.post("/segments", json={"name": "s"}).json()["id"]
    assert client.delete(f"/segments/{segment}").status_code == 200
    wait_until(lambda: not connection.execute("SELECT FROM segments").fetchall())


def is_notified(server: RedisServer) -> bool:
    """Notify, unless a notification waits already; tell whether none does."""

    async def notify_once() -> None:
        queue = connect_queue(server.url)
        await enqueue(queue, uuid.uuid4())
        await queue.aclose(close_connection_pool=True)

    asyncio.run(notify_once())
    with redis.Redis.from_url(server.url) as client:
        wait_until(lambda: client.zcard(QUEUE_NAME) == 0)
    return True


def times_said(worker: Process, text: str) -> int:
    return worker.log.read_text().count(text)


@pytest.mark.parametrize("how", AWAY)
def test_redis_goes_and_comes_back(
    product: Product, team_key: str, connection: Connection, how: str
) -> None:
    go, come_back = AWAY[how]
    url = product.start_api()
    client = product.stack.enter_context(Team(url, team_key).client())
    with redis_server() as server:
        worker = product.start("worker", ROLLCALL_REDIS_URL=server.url)
        for number in (1, 2):
            assert is_notified(server)
            delete_something(client, connection)
            go(server)
            wait_until(lambda: times_said(worker, "redis is away") == number)  # noqa: B023
            import_one(product, url, team_key)
            delete_something(client, connection)
            come_back(server)
            wait_until(lambda: times_said(worker, "redis is back") == number)  # noqa: B023
        assert times_said(worker, "redis is away") == 2
        assert "Traceback" not in worker.log.read_text()
        worker.popen.send_signal(signal.SIGTERM)
        assert worker.popen.wait(END_SECONDS) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("how", AWAY)
def test_a_worker_ends_while_redis_is_away(
    product: Product, team_key: str, how: str, number: signal.Signals
) -> None:
    go, _ = AWAY[how]
    url = product.start_api()
    with redis_server() as server:
        worker = product.start("worker", ROLLCALL_REDIS_URL=server.url)
        assert is_notified(server)
        go(server)
        wait_until(lambda: times_said(worker, "redis is away") == 1)
        import_one(product, url, team_key)
        worker.popen.send_signal(number)
        assert worker.popen.wait(END_SECONDS) == 0


def test_a_worker_starts_without_redis(product: Product, team_key: str) -> None:
    url = product.start_api()
    worker = product.start("worker", ROLLCALL_REDIS_URL="redis://127.0.0.1:1/0")
    import_one(product, url, team_key)
    worker.popen.send_signal(signal.SIGTERM)
    assert worker.popen.wait(END_SECONDS) == 0
