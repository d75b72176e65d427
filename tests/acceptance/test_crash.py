"""Workers that are killed, stopped and cut off: every record is applied and counted once."""

from __future__ import annotations

import signal
import time
import uuid
from typing import Any

import httpx
import psycopg
import redis

from rollcall.config import Settings
from tests.acceptance.conftest import Product, held_back
from tests.support.patience import PATIENCE, wait_until
from tests.support.ports import free_port

Connection = psycopg.Connection[Any]
ROWS = 40_000
SMALL_BATCHES = {"ROLLCALL_BATCH_ROWS": "1000"}


def csv_file(rows: int = ROWS) -> bytes:
    """A file in which every tenth row is bad, and every hundredth repeats the first address."""
    lines = ["email,first_name"]
    for n in range(rows):
        email = "no address" if n % 10 == 3 else f"person{0 if n % 100 == 0 else n}@example.com"
        lines.append(f"{email},Name{n}")
    return "\n".join(lines).encode()


# Held back, they keep an import from being over before a test has done something to it.
MIDDLE = f"person{ROWS // 2 + 1}@example.com"
LAST = f"person{ROWS - 1}@example.com"
FAILED = ROWS // 10
CREATED = ROWS - FAILED - (ROWS // 100 - 1)
EXPECTED = {
    "total": ROWS,
    "created": CREATED,
    "updated": ROWS - FAILED - CREATED,
    "skipped": 0,
    "failed": FAILED,
}


class Watch:
    """One import, seen through the API."""

    def __init__(self, product: Product, url: str, key: str, data: bytes, **form: str):
        headers = {"Authorization": f"Bearer {key}"}
        self._client = product.stack.enter_context(httpx.Client(base_url=url, headers=headers))
        response = self._client.post(
            "/contacts/imports", files={"file": ("c.csv", data)}, data=form
        )
        assert response.status_code == 201, response.text
        self.id = response.json()["id"]

    def get(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._client.get(f"/contacts/imports/{self.id}").json()
        counts = shown["counts"]
        assert counts["total"] == sum(v for k, v in counts.items() if k != "total")
        return shown

    def total(self) -> int:
        return int(self.get()["counts"]["total"])


def check_complete(watch: Watch, connection: Connection) -> None:
    wait_until(lambda: watch.get()["status"] not in ("queued", "in_progress"))
    shown = watch.get()
    assert (shown["status"], shown["counts"]) == ("completed", EXPECTED)
    stored = connection.execute("SELECT count(*), count(DISTINCT email) FROM contacts").fetchone()
    assert stored == (CREATED, CREATED)
    failures = connection.execute(
        'SELECT count(*), min("row"), max("row") FROM contact_import_failures'
    ).fetchone()
    assert failures == (FAILED, 5, ROWS - 10 + 5)


def test_kill_9_half_way(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    worker = product.start("worker", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, LAST):
        for share in (0.1, 0.4, 0.7):
            wait_until(lambda share=share: watch.total() >= ROWS * share)  # type: ignore[misc]
            worker.kill()
            at_the_kill = watch.total()
            assert at_the_kill < ROWS
            assert watch.get()["status"] == "in_progress"
            worker = product.start("worker", **SMALL_BATCHES)
    check_complete(watch, connection)


def test_sigterm_gives_the_import_back_at_once(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    worker = product.start("worker", ROLLCALL_LEASE_SECONDS="600", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, MIDDLE):
        wait_until(lambda: watch.total() >= 2000)
        worker.popen.send_signal(signal.SIGTERM)
    assert worker.popen.wait(60) == 0
    assert watch.total() < ROWS
    product.start("worker", ROLLCALL_LEASE_SECONDS="600", **SMALL_BATCHES)
    # With the lease held, this would take ten minutes.
    check_complete(watch, connection)


def test_a_lost_notification_is_sent_again(
    product: Product, settings: Settings, team_key: str, connection: Connection
) -> None:
    url = product.start_api()
    watch = Watch(product, url, team_key, csv_file())
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()
    product.start("worker")
    check_complete(watch, connection)


def test_a_stopped_worker_loses_its_import_and_commits_nothing_more(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """A worker that is frozen for longer than its lease wakes up to find the import taken."""
    url = product.start_api()
    frozen = product.start("worker", ROLLCALL_LEASE_SECONDS="1", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    with held_back(product.settings, team_id, MIDDLE):
        wait_until(lambda: watch.total() >= 2000)
        frozen.popen.send_signal(signal.SIGSTOP)
    product.start("worker", ROLLCALL_LEASE_SECONDS="1", **SMALL_BATCHES)
    seen = watch.total()
    wait_until(lambda: watch.total() > seen)
    frozen.popen.send_signal(signal.SIGCONT)
    check_complete(watch, connection)


def test_several_imports_at_once(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """A small import does not wait behind large ones."""
    url = product.start_api()
    product.start("worker", **SMALL_BATCHES)
    large = [Watch(product, url, team_key, csv_file()) for _ in range(2)]
    with held_back(product.settings, team_id, LAST):
        wait_until(lambda: all(watch.total() > 0 for watch in large))
        small = Watch(product, url, team_key, b"email\nsmall@example.com\n")
        wait_until(lambda: small.get()["status"] == "completed")
        assert small.total() == 1
        assert all(watch.get()["status"] == "in_progress" for watch in large)
    for watch in large:
        wait_until(lambda watch=watch: watch.get()["status"] == "completed")  # type: ignore[misc]
        assert watch.total() == ROWS
    row = connection.execute("SELECT count(*) FROM contacts").fetchone()
    assert row == (CREATED + 1,)
    # Two imports that create the same contacts at the same time create each of them once.
    row = connection.execute("SELECT sum(created), sum(updated) FROM contact_imports").fetchone()
    assert row == (CREATED + 1, 2 * (ROWS - FAILED) - CREATED)


def test_readiness_names_what_is_away(product: Product, settings: Settings) -> None:
    url = product.start_api()
    ready = httpx.get(f"{url}/readyz")
    assert ready.json()["checks"] == {"database": "ok", "redis": "ok", "storage": "ok"}
    broken = Product(
        settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}),
        product.folder,
        product.stack,
    )
    port = free_port()
    broken.start("api", "--port", str(port))
    other = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = httpx.get(f"{other}/readyz")
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    # Every request is served without Redis.
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"] == {"database": "ok", "redis": "unreachable", "storage": "ok"}
    assert httpx.get(f"{other}/healthz").status_code == 200
