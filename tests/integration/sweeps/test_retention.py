"""The sweep after what is kept for a time only: what goes, what stays, and what is said of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.storage.objects import Storage
from rollcall.sweeps import retention
from rollcall.sweeps.retention import Retention, apply_retention
from tests.support.resources import error
from tests.support.uploads import Importer

Connection = psycopg.Connection[Any]
CSV = b"email\nada@example.com\nnobody\nsomebody\nada@gmial.com\n"
DAY = timedelta(days=1)
Sweep = Callable[[Retention], None]


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    return Importer(client=client, settings=settings, team_id=team_id)


@pytest.fixture
def sweep(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """Sweep in the smallest steps."""
    for name in ("FILES", "ROWS", "IMPORTS"):
        monkeypatch.setattr(retention, name, 1)

    def connect() -> Connection:
        return psycopg.connect(settings.psycopg_dsn, autocommit=True)

    storage = Storage(settings.storage_url)
    return lambda wanted: asyncio.run(apply_retention(connect, storage, wanted))


def end_days_ago(connection: Connection, path: str, days: int) -> None:
    connection.execute(
        "UPDATE contact_imports SET completed_at = now() - make_interval(days => %s) WHERE id = %s",
        (days, path.rpartition("/")[2]),
    )


def test_settings_are_days_and_an_import_goes_with_all_it_has(settings: Settings) -> None:
    assert Retention.of(settings) == Retention()
    said = {"keep_uploads_days": 7, "keep_imports_days": 30}
    assert Retention.of(settings.model_copy(update=said)) == Retention(
        files=7 * DAY, problems=30 * DAY, imports=30 * DAY
    )


def test_files(importer: Importer, connection: Connection, sweep: Sweep) -> None:
    client = importer.client
    old, older, young = (importer.run(CSV) for _ in range(3))
    end_days_ago(connection, old, 8)
    end_days_ago(connection, older, 80)
    # Another import was begun with the same file, and is not over.
    shared = importer.run(CSV)
    end_days_ago(connection, shared, 8)
    queued = importer.upload(CSV)
    connection.execute(
        "UPDATE contact_imports SET object_key ="
        " (SELECT object_key FROM contact_imports WHERE id = %s) WHERE id = %s",
        (queued.rpartition("/")[2], shared.rpartition("/")[2]),
    )
    sweep(Retention(files=7 * DAY))
    for path in (old, older):
        gone = error(client.get(f"{path}/failures.csv"))
        assert gone[:2] == (404, "not_found")
        assert "no longer in the storage" in gone[2]
        assert len(client.get(f"{path}/failures").json()["data"]) == 2
    for path in (young, shared):
        assert client.get(f"{path}/failures.csv").status_code == 200
    connection.execute("UPDATE contact_imports SET status = 'failed' WHERE status = 'completed'")
    assert "Upload it again" in error(client.post(f"{old}/retry"))[2]
    assert client.post(f"{young}/retry").status_code == 200


def test_failed_rows_and_warnings(importer: Importer, connection: Connection, sweep: Sweep) -> None:
    client = importer.client
    old, young = importer.run(CSV), importer.run(CSV)
    end_days_ago(connection, old, 8)
    sweep(Retention(problems=7 * DAY))
    for name in ("failures", "warnings", "failures.csv"):
        status, _, message = error(client.get(f"{old}/{name}"))
        assert (status, "were deleted" in message) == (404, True)
        assert client.get(f"{young}/{name}").status_code == 200
    assert client.get(old).json()["counts"]["failed"] == 2
    query = "SELECT DISTINCT import_id::text FROM contact_import_failures"
    assert connection.execute(query).fetchall() == [(young.rpartition("/")[2],)]


def test_imports(importer: Importer, connection: Connection, sweep: Sweep) -> None:
    client = importer.client
    old, young = importer.run(CSV), importer.run(CSV)
    end_days_ago(connection, old, 31)
    connection.execute(
        "UPDATE contact_imports SET mended_from = %s WHERE id = %s",
        (old.rpartition("/")[2], young.rpartition("/")[2]),
    )
    sweep(Retention(files=30 * DAY, problems=30 * DAY, imports=30 * DAY))
    assert client.get(old).status_code == 404
    assert client.get(young).status_code == 200
    assert client.get("/contacts/ada@example.com").status_code == 200
    for table in ("contact_import_failures", "contact_import_warnings"):
        rows = connection.execute(f"SELECT DISTINCT import_id::text FROM {table}").fetchall()
        assert rows == [(young.rpartition("/")[2],)]


def test_a_sweep_that_died_is_made_good(
    importer: Importer, connection: Connection, sweep: Sweep
) -> None:
    path = importer.run(CSV)
    end_days_ago(connection, path, 8)
    connection.execute(
        "UPDATE contact_imports SET file_deleted_at = now(), problems_deleted_at = now()"
    )
    sweep(Retention(files=7 * DAY, problems=7 * DAY))
    assert connection.execute("SELECT count(*) FROM contact_import_failures").fetchall() == [(0,)]
    ((key,),) = connection.execute("SELECT object_key FROM contact_imports").fetchall()
    assert asyncio.run(Storage(importer.settings.storage_url).size(key)) is None
