"""Storage that refuses, falls silent or loses bytes while an import reads from it."""

from __future__ import annotations

import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.acceptance.conftest import Process, Product, Team, held_back
from tests.support.buckets import bucket
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
ROWS = 40_000
# More than a worker reads at once and ahead, so that there is something left to be read.
CSV = b"email,first_name\n" + b"".join(
    b"person%d@example.com,%s\n" % (n, b"x" * 400) for n in range(ROWS)
)
EARLY = "person5000@example.com"
SMALL_BATCHES = {"ROLLCALL_BATCH_ROWS": "1000"}


class Gate:
    """A way to a server that can be shut: it then refuses, or takes everything and says nothing."""

    def __init__(self, target: tuple[str, int]):
        self._target = target
        self._is_open = threading.Event()
        self._is_open.set()
        self._is_refusing = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def refuse(self) -> None:
        self._is_refusing = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def fall_silent(self) -> None:
        self._is_open.clear()

    def open(self) -> None:
        self._is_refusing = False
        self._is_open.set()

    def close(self) -> None:
        self.open()
        self.refuse()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._is_refusing:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with source, suppress(OSError):
            while data := source.recv(65536):
                self._is_open.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def gate(product: Product) -> Iterator[Gate]:
    """The product with its files in a bucket, and the way there."""
    with bucket() as url:
        target = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        gate = Gate((str(target.hostname), int(target.port or 0)))
        product.settings = product.settings.model_copy(update={"storage_url": url})
        os.environ["AWS_ENDPOINT_URL"] = gate.url
        try:
            yield gate
        finally:
            for process in product.processes:
                process.kill()
            gate.close()


class Half:
    """An import of which some batches are committed, and one is held back until it is let go."""

    def __init__(self, product: Product, key: str, **environment: str):
        self.url = product.start_api()
        self.worker: Process = product.start("worker", **SMALL_BATCHES, **environment)
        self.client: httpx.Client = product.stack.enter_context(Team(self.url, key).client())
        answer = self.client.post("/contacts/imports", files={"file": CSV})
        assert answer.status_code == 201, answer.text
        self.path = f"/contacts/imports/{answer.json()['id']}"

    def get(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.client.get(self.path).json()
        return shown

    def wait_for_some(self) -> None:
        wait_until(lambda: self.get()["counts"]["total"] > 0)

    def wait_for_end(self) -> dict[str, Any]:
        wait_until(lambda: self.get()["status"] in ("completed", "failed"))
        return self.get()

    def log_has(self, text: str) -> bool:
        return text in self.worker.log.read_text()


@pytest.mark.parametrize("fault", ["refuse", "fall_silent"])
def test_a_bucket_that_comes_back_is_read_on(
    product: Product, gate: Gate, team_key: str, team_id: uuid.UUID, fault: str
) -> None:
    half = Half(product, team_key, ROLLCALL_STORAGE_PATIENCE_SECONDS="2")
    with held_back(product.settings, team_id, EARLY):
        half.wait_for_some()
        getattr(gate, fault)()
    wait_until(lambda: half.log_has("import has to wait") and half.log_has("storage_error"))
    shown = half.get()
    assert (shown["status"], shown["error"]) == ("in_progress", None)
    assert 0 < shown["counts"]["total"] < ROWS
    ready = half.client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["storage"]) == (503, "unreachable")
    refused = half.client.post("/contacts/imports", files={"file": b"email\na@b.co\n"})
    assert (refused.status_code, refused.json()["name"]) == (503, "application_error")
    gate.open()
    done = half.wait_for_end()
    assert (done["status"], done["counts"]["created"]) == ("completed", ROWS)
    assert not half.log_has("Traceback")


@pytest.mark.parametrize("end", ["cancel", "sigterm"])
def test_a_silent_bucket_does_not_keep_an_import_from_its_end(
    product: Product, gate: Gate, team_key: str, team_id: uuid.UUID, end: str
) -> None:
    half = Half(product, team_key)
    with held_back(product.settings, team_id, EARLY):
        half.wait_for_some()
        gate.fall_silent()
    before = 0
    # What was read already is committed first.
    while (total := half.get()["counts"]["total"]) != before or total < 5000:
        before = total
        half.worker.popen.poll()
        threading.Event().wait(2)
    if end == "cancel":
        half.client.post(f"{half.path}/cancel")
        shown = half.wait_for_end()
        assert shown["error"]["code"] == "cancelled"
        assert shown["counts"]["total"] == before
    else:
        half.worker.popen.send_signal(signal.SIGTERM)
        assert half.worker.popen.wait(30) == 0
        assert half.get()["status"] == "in_progress"
        gate.open()
        product.start("worker")
        done = half.wait_for_end()
        assert (done["status"], done["counts"]["created"]) == ("completed", ROWS)


def test_a_file_that_is_cut_while_it_is_read(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    half = Half(product, team_key)
    ((key,),) = connection.execute("SELECT object_key FROM contact_imports").fetchall()
    with held_back(product.settings, team_id, EARLY):
        half.wait_for_some()
        os.truncate(Path(urlsplit(product.settings.storage_url).path, key), len(CSV) * 3 // 4)
    shown = half.wait_for_end()
    assert (shown["status"], shown["error"]["code"]) == ("failed", "file_damaged")
    total = shown["counts"]["total"]
    assert 0 < total < ROWS
    assert connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE length(first_name) = 400) FROM contacts"
    ).fetchone() == (total, total)
    # With the file restored, it goes on where it stood.
    Path(urlsplit(product.settings.storage_url).path, key).write_bytes(CSV)
    half.client.post(f"{half.path}/retry")
    done = half.wait_for_end()
    assert (done["status"], done["counts"]["created"]) == ("completed", ROWS)
