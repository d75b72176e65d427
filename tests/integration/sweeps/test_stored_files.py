"""The sweep after files that no import refers to."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import obstore
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage
from rollcall.sweeps.stored_files import collect_files
from rollcall.worker.service import create_worker
from rollcall.worker.setup import connect_worker
from tests.support.buckets import on_each_storage
from tests.support.engine import run_next

Connection = psycopg.Connection[Any]
CSV = b"email\nada@example.com\n"
AT_ONCE = timedelta(seconds=-60)
TWO_DAYS = 2 * 24 * 3600


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage(settings.storage_url)


@pytest.fixture
def collect(settings: Settings, storage: Storage) -> Callable[..., int]:
    """Sweep; returns how many files were deleted."""

    def run(min_age: timedelta = AT_ONCE, page: int = 1000) -> int:
        def connect() -> Connection:
            return psycopg.connect(settings.psycopg_dsn, autocommit=True)

        return asyncio.run(collect_files(connect, storage, min_age=min_age, page=page))

    return run


def put(storage: Storage, *keys: str) -> None:
    for key in keys:
        obstore.put(storage._store, key, CSV)


def keys_in(storage: Storage) -> set[str]:
    async def read() -> set[str]:
        return {each.key async for page in storage.list_pages(100) for each in page}

    return asyncio.run(read())


def upload(client: httpx.Client, **form: str) -> str:
    answer = client.post("/contacts/imports", files={"file": CSV}, data=form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def make_old(path: Path) -> None:
    moment = time.time() - TWO_DAYS
    os.utime(path, (moment, moment))


def folder_of(settings: Settings) -> Path:
    return Path(urlsplit(settings.storage_url).path)


@on_each_storage
def test_what_no_import_refers_to_is_deleted(
    client: httpx.Client,
    settings: Settings,
    storage: Storage,
    team_id: uuid.UUID,
    collect: Callable[..., int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever has become of the imports: they are queued, completed, failed or dry runs."""
    upload(client)
    run_next(settings)
    cancelled, _, _ = upload(client), upload(client), upload(client, dry_run="true")
    client.post(f"/contacts/imports/{cancelled}/cancel")
    referred = keys_in(storage)
    assert len(referred) == 4
    orphans = {f"{team_id}/{uuid.uuid4()}" for _ in range(7)}
    put(storage, *orphans)
    with caplog.at_level("INFO", "rollcall.sweeps.stored_files"):
        assert collect(page=2) == len(orphans)
    assert keys_in(storage) == referred
    told: list[Any] = [each.msg for each in caplog.records if each.name.startswith("rollcall")]
    assert {each["event"] for each in told} == {"file without an import deleted"}
    assert {(each["key"], each["size"]) for each in told} == {(key, len(CSV)) for key in orphans}
    assert collect() == 0


@on_each_storage
def test_what_is_young_or_not_ours_stays(
    storage: Storage, team_id: uuid.UUID, collect: Callable[..., int]
) -> None:
    put(storage, f"{team_id}/{uuid.uuid4()}")
    assert collect(timedelta(days=1)) == 0
    (young,) = keys_in(storage)
    others = {
        f"{uuid.uuid4()}/{uuid.uuid4()}",
        f"{team_id}/notes.txt",
        f"{team_id}/{uuid.uuid4()}.csv",
        f"{team_id}/{uuid.uuid4().hex}",
        f"{team_id}/{uuid.uuid4()}/{uuid.uuid4()}",
        str(team_id),
        "notes.txt",
    } - ({str(team_id)} if storage._folder else set())
    put(storage, *others)
    assert collect() == 1
    assert keys_in(storage) == others
    assert young not in others


@on_each_storage
def test_an_upload_under_way_is_left_alone(
    storage: Storage, team_id: uuid.UUID, collect: Callable[..., int]
) -> None:
    async def content() -> AsyncIterator[bytes]:
        for part in range(3):
            yield bytes([part]) * 6_000_000
            assert await asyncio.to_thread(collect, timedelta(days=1)) == 0

    key = f"{team_id}/{uuid.uuid4()}"
    asyncio.run(storage.put(key, content()))
    with storage.open(key) as file:
        assert len(file.read()) == 18_000_000


@pytest.mark.parametrize("days", [0, 1])
def test_the_worker_deletes_what_is_older_than_it_was_told(
    client: httpx.Client, settings: Settings, storage: Storage, team_id: uuid.UUID, days: int
) -> None:
    """After 0 days means never, because another database may have its files there too."""
    upload(client)
    (referred,) = keys_in(storage)
    old, young = (f"{team_id}/{uuid.uuid4()}" for _ in range(2))
    put(storage, old, young)
    folder = folder_of(settings)
    unfinished = [folder / f"{team_id}/{uuid.uuid4()}#{number}" for number in (1, 2)]
    foreign = folder / f"{team_id}/notes#1"
    for path in (*unfinished, foreign):
        path.write_bytes(CSV)
    for path in (folder / referred, folder / old, unfinished[0], foreign):
        make_old(path)

    async def run() -> None:
        changed = settings.model_copy(update={"collect_after_days": days})
        guard = StorageGuard(storage, lambda: connect_worker(settings))
        worker = create_worker(changed, storage, guard)
        try:
            (job,) = (each for each in worker.cron_jobs or () if each.name == "collect")
            await job.coroutine(worker.ctx)
        finally:
            await worker.pool.aclose(close_connection_pool=True)

    asyncio.run(run())
    assert keys_in(storage) == ({referred, young} if days else {referred, young, old})
    assert [path.exists() for path in (*unfinished, foreign)] == [not days, True, True]
