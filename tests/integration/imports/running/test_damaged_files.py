"""Stored files that are no longer what was stored: never read as if they were whole."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.kinds import Lane
from rollcall.imports.running import claims, import_file
from rollcall.imports.running.run import RunLimits, RunMeans, RunOutcome, run_import
from rollcall.storage.stored_file import FileDamaged
from tests.support import oracle
from tests.support.buckets import on_each_storage
from tests.support.engine import Engine, means_of, run_next
from tests.support.uploads import Importer

ROWS = 2000
LINES = [b"email,first_name", *(f"p{n}@example.com,Name{n}".encode() for n in range(ROWS))]
CSV = b"\n".join(LINES) + b"\n"
# In the middle of an address, which would be taken for a whole one.
WITHIN_A_ROW = CSV.index(b"p1000@example.com") + len(b"p1000@example.co")
BETWEEN_ROWS = CSV.index(b"p1000@")


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings, batch_rows=500)


def replace(engine: Engine, import_id: uuid.UUID, data: bytes) -> None:
    ((key,),) = engine.connection.execute(
        "SELECT object_key FROM contact_imports WHERE id = %s", (import_id,)
    ).fetchall()
    obstore.put(engine.storage._store, key, data)


def state(engine: Engine, import_id: uuid.UUID) -> tuple[Any, ...]:
    row = engine.connection.execute(
        "SELECT status, error_code, total, created, completed_at IS NOT NULL"
        " FROM contact_imports WHERE id = %s",
        (import_id,),
    ).fetchone()
    assert row is not None
    return tuple(row)


@on_each_storage
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(CSV[:BETWEEN_ROWS], id="cut between rows"),
        pytest.param(CSV[:WITHIN_A_ROW], id="cut within a row"),
        pytest.param(CSV[:10], id="cut within the header"),
        pytest.param(CSV[:-1], id="cut by a byte"),
        pytest.param(b"", id="empty"),
        pytest.param(CSV + b"more@example.com,More\n", id="longer"),
        pytest.param(CSV + b"\n", id="longer by a byte"),
    ],
)
def test_a_file_of_another_size_is_damaged(engine: Engine, data: bytes) -> None:
    import_id = engine.create(CSV, oracle.Options())
    replace(engine, import_id, data)
    assert engine.work(import_id) is RunOutcome.FAILED
    assert state(engine, import_id) == ("failed", "file_damaged", 0, 0, True)
    assert engine.contacts() == {}


@on_each_storage
@pytest.mark.parametrize("size", [0, 10, WITHIN_A_ROW, len(CSV) - 1, len(CSV) + 1])
def test_one_that_changes_between_two_runs_keeps_what_was_committed(
    engine: Engine, size: int
) -> None:
    """Also when the place at which reading goes on is beyond its new end."""
    import_id = engine.create(CSV, oracle.Options())
    stop = threading.Event()
    stop.set()
    assert engine.work(import_id, stop) is RunOutcome.PAUSED
    _, _, total, _, _ = state(engine, import_id)
    assert 0 < total < ROWS
    replace(engine, import_id, (CSV + b"x")[:size])
    assert engine.work(import_id) is RunOutcome.FAILED
    assert state(engine, import_id) == ("failed", "file_damaged", total, total, True)
    assert len(engine.contacts()) == total


@pytest.mark.parametrize("size", [0, 3_000_000, 12_000_000, 40_000_000])
def test_one_that_changes_while_it_is_read(engine: Engine, settings: Settings, size: int) -> None:
    """The stream of a file that was cut did not end, and filled the memory."""
    lines = [f"q{n}@example.com,{'x' * 5000}\n".encode() for n in range(4000)]
    import_id = engine.create(b"email,first_name\n" + b"".join(lines), oracle.Options())
    ((key,),) = engine.connection.execute("SELECT object_key FROM contact_imports").fetchall()
    reader = _Reader(engine.storage.open(key))
    os.truncate(Path(urlsplit(settings.storage_url).path, key), size)
    reading = ThreadPoolExecutor(1).submit(reader.read_all)
    assert isinstance(reading.exception(60), FileDamaged)
    assert engine.work(import_id) is RunOutcome.FAILED
    assert state(engine, import_id) == ("failed", "file_damaged", 0, 0, True)


class _Reader:
    """Reads the first bytes of a file at once, and the others when it is told to."""

    def __init__(self, file: Any):
        self._file = file
        assert len(file.read(100)) == 100

    def read_all(self) -> None:
        with self._file:
            while self._file.read(100_000):
                pass


@on_each_storage
def test_the_same_size_and_other_content_is_noticed(importer: Importer, engine: Engine) -> None:
    """By the checksum of what was uploaded, when one run reads all of it."""
    path = importer.upload(CSV)
    import_id = uuid.UUID(path.rpartition("/")[2])
    replace(engine, import_id, CSV.replace(b"p1999@", b"p2999@"))
    assert run_next(importer.settings) == (import_id, RunOutcome.FAILED)
    shown = importer.client.get(path).json()
    assert (shown["status"], shown["error"]["code"]) == ("failed", "file_damaged")
    assert "size or its content" in shown["error"]["message"]


@on_each_storage
def test_what_is_whole_is_imported(importer: Importer) -> None:
    path = importer.run(CSV)
    assert importer.client.get(path).json()["counts"]["created"] == ROWS


@pytest.mark.parametrize("end", ["patience", "stop", "cancel"])
def test_a_storage_that_does_not_answer_is_not_waited_for(
    engine: Engine, settings: Settings, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe in the place of the file is opened by nobody else, so opening it never ends."""
    import_id = engine.create(CSV, oracle.Options())
    ((key,),) = engine.connection.execute("SELECT object_key FROM contact_imports").fetchall()
    path = Path(urlsplit(settings.storage_url).path, key)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(import_file, "STUCK_SECONDS", 0.5)
    stop = threading.Event()
    means = means_of(settings, stop)
    patience = 1.0 if end == "patience" else 600.0
    means = RunMeans(
        storage=means.storage, connect=means.connect, stop=stop, storage_patience=patience
    )
    claim = claims.claim_next(engine.connection, Lane.LARGE, 15)
    assert claim is not None
    try:
        with ThreadPoolExecutor(1) as threads:
            own = psycopg.connect(settings.psycopg_dsn, autocommit=True)
            limits = RunLimits(batch_rows=500)
            running = threads.submit(run_import, own, claim, means, limits)
            _do[end](engine, stop)
            outcome = running.result(30)
            own.close()
    finally:
        # Lets the thread that was left behind end.
        _open_and_close(path)
    assert (outcome, *state(engine, import_id)[:2]) == _expected[end]


def _cancel(engine: Engine, stop: threading.Event) -> None:
    engine.connection.execute(
        "INSERT INTO contact_import_cancellations (team_id, import_id)"
        " SELECT team_id, id FROM contact_imports"
    )


_do: dict[str, Callable[[Engine, threading.Event], Any]] = {
    "patience": lambda engine, stop: None,
    "stop": lambda engine, stop: stop.set(),
    "cancel": _cancel,
}
_expected = {
    "patience": (RunOutcome.PAUSED, "in_progress", "storage_error"),
    "stop": (RunOutcome.PAUSED, "in_progress", None),
    "cancel": (RunOutcome.FAILED, "failed", "cancelled"),
}


def _open_and_close(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    time.sleep(0.1)


@on_each_storage
@pytest.mark.parametrize("size", [0, 20, WITHIN_A_ROW])
def test_there_is_no_failures_file_of_a_damaged_file(
    importer: Importer, engine: Engine, size: int
) -> None:
    path = importer.run(CSV.replace(b"p1999@", b"p1999"))
    replace(engine, uuid.UUID(path.rpartition("/")[2]), CSV[:size])
    answer = importer.client.get(f"{path}/failures.csv")
    assert (answer.status_code, answer.json()["name"]) == (404, "not_found")
    assert "no longer what was uploaded" in answer.json()["message"]
