"""An import's events: what comes, when the stream ends, and what it costs."""

from __future__ import annotations

import asyncio
import itertools
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import event

from rollcall.api import app
from rollcall.config import Settings
from rollcall.database.engine import create_engine, create_sessionmaker
from rollcall.imports.batching.batch import Batch
from rollcall.imports.checkpoint import START
from rollcall.imports.kinds import Lane
from rollcall.imports.live import events, watcher
from rollcall.imports.live.watcher import Watcher
from rollcall.imports.merging.merge import BatchCounts
from rollcall.imports.queries import find_import
from rollcall.imports.running import claims, progress
from tests.support import oracle
from tests.support.engine import Engine, run_next
from tests.support.event_stream import Event, events_of
from tests.support.patience import wait_until
from tests.support.resources import NOBODY, error

Connection = psycopg.Connection[Any]
CSV = b"email\na@example.com\nb@example.com\n"


def upload(client: httpx.Client, data: bytes = CSV) -> str:
    answer = client.post("/contacts/imports", files={"file": data})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def get(client: httpx.Client, id_: str) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/contacts/imports/{id_}").json()
    return shown


def cancel(client: httpx.Client, id_: str) -> None:
    assert client.post(f"/contacts/imports/{id_}/cancel").status_code == 200


@pytest.fixture
def watchers(monkeypatch: pytest.MonkeyPatch) -> list[Watcher]:
    """The watchers of all APIs that are served after this."""
    made: list[Watcher] = []

    class Known(Watcher):
        def __init__(self, *arguments: Any):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(app, "Watcher", Known)
    return made


def test_one_that_has_ended_tells_it_at_once(client: httpx.Client, settings: Settings) -> None:
    completed, failed = upload(client), upload(client)
    run_next(settings)
    cancel(client, failed)
    for id_, name in ((completed, "completed"), (failed, "failed")):
        with events_of(client, id_) as stream:
            (end,) = stream
        assert (end.name, end.data) == (name, get(client, id_))
        # Who has seen an earlier event is told the end, who has seen that need not come back.
        with events_of(client, id_, end.id - 1) as stream:
            assert list(stream) == [end]
        path = f"/contacts/imports/{id_}/events"
        again = client.get(path, headers={"Last-Event-ID": str(end.id)})
        assert (again.status_code, again.content) == (204, b"")


def test_the_headers_keep_proxies_from_holding_events_back(client: httpx.Client) -> None:
    id_ = upload(client)
    cancel(client, id_)
    headers = client.get(f"/contacts/imports/{id_}/events").headers
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"
    assert headers["x-request-id"]


@pytest.mark.parametrize("bad", ["x", "-1", "1.5", str(2**63), "9" * 5000])
def test_an_id_that_is_none(client: httpx.Client, bad: str) -> None:
    path = f"/contacts/imports/{upload(client)}/events"
    status, name, message = error(client.get(path, headers={"Last-Event-ID": bad}))
    assert (status, name) == (422, "validation_error")
    assert "Last-Event-ID" in message


def test_one_that_is_not_there(client: httpx.Client, other_client: httpx.Client) -> None:
    for id_, status in ((NOBODY, 404), ("x", 422), (upload(other_client), 404)):
        answer = client.get(f"/contacts/imports/{id_}/events")
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/json"


def test_from_the_queue_to_the_end(client: httpx.Client, settings: Settings) -> None:
    # So large that the file is read in several parts.
    rows = 60_000
    lines = [f"person{n}@example.com,{'x' * 40}" for n in range(rows)]
    id_ = upload(client, "\n".join(["email,first_name", *lines]).encode())
    seen: list[Event] = []
    done = 0
    stop = threading.Event()
    stop.set()
    with events_of(client, id_) as stream:
        for seen_now in stream:
            if not seen_now.name:
                continue
            seen.append(seen_now)
            # While a batch takes its time, there are events that do not have it yet.
            if seen_now.data["counts"]["total"] == done < rows:
                run_next(settings, 10_000, stop)
                done += 10_000
    assert [e.name for e in seen[:-1]] == ["progress"] * (len(seen) - 1)
    assert seen[0].data["status"] == "queued"
    assert (seen[0].data["progress"], seen[0].data["rows_per_second"]) == (0, None)
    assert seen[-1].name == seen[-1].data["status"] == "completed"
    assert (seen[-1].data["progress"], seen[-1].data["rows_per_second"]) == (1, None)
    assert seen[-1].data == get(client, id_)
    totals = [total for total, _ in itertools.groupby(e.data["counts"]["total"] for e in seen)]
    assert totals == list(range(0, 70_000, 10_000))
    for earlier, later in itertools.pairwise(seen):
        assert earlier.id < later.id
        assert earlier.data["progress"] <= later.data["progress"]
    assert any(0 < e.data["progress"] < 1 for e in seen)


def test_who_comes_back_is_told_only_what_is_new(client: httpx.Client) -> None:
    id_ = upload(client)
    with events_of(client, id_) as stream:
        first = next(stream)
    with events_of(client, id_, first.id) as stream, ThreadPoolExecutor(1) as threads:
        new: Future[list[Event]] = threads.submit(list, stream)
        cancel(client, id_)
        assert [e.name for e in new.result() if e.name] == ["failed"]


def test_while_nothing_happens_there_are_comments(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "EVENT_SECONDS", 0.01)
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)
    with events_of(client, upload(client)) as stream:
        assert [next(stream).name for _ in range(4)] == ["progress", "", "", ""]


def test_a_stream_ends_after_a_while(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVENT_SECONDS", 0.01)
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(events, "STREAM_SECONDS", 0.1)
    with events_of(client, upload(client)) as stream:
        assert {e.name for e in stream} == {"progress", ""}


def test_the_speed_is_forgotten_when_nothing_comes(
    client: httpx.Client, connection: Connection
) -> None:
    id_ = upload(client)
    set_speed = (
        "UPDATE contact_imports SET status = 'in_progress', rows_per_second = 1234.56,"
        " last_batch_at = now() - make_interval(secs => %s), revision = revision + 1 WHERE id = %s"
    )
    connection.execute(set_speed, (12, id_))
    assert get(client, id_)["rows_per_second"] == 1234.6
    with events_of(client, id_) as stream:
        known, unknown = next(stream), next(stream)
    assert known.data["rows_per_second"] == 1234.6
    # The worker has died, so this is no change of the row.
    assert unknown.data["rows_per_second"] is None
    assert unknown.id == known.id
    assert get(client, id_)["rows_per_second"] is None


def test_the_speed_is_that_of_the_last_seconds(settings: Settings, connection: Connection) -> None:
    engine = Engine(connection, settings)
    import_id = engine.create(CSV, oracle.Options())
    claim = claims.claim_next(connection, Lane.LARGE, 600)
    assert claim is not None
    batch = Batch(
        number=0, partitions=[], accepted=0, failures=[], last_row=1, resume=START, is_last=False
    )
    since = "UPDATE contact_imports SET claimed_at = now() - make_interval(secs => %s), "

    def record(rows: int, seconds: float) -> tuple[float, float]:
        """Let `seconds` go by, then a batch be recorded; return the speed, and the true seconds."""
        before = connection.execute(
            since
            + "last_batch_at = now() - make_interval(secs => %s) WHERE id = %s"
            + " RETURNING last_batch_at",
            (seconds, seconds, import_id),
        ).fetchone()
        assert before is not None
        counts = BatchCounts(created=rows, updated=0, skipped=0, failed=0, failures={}, warnings={})
        progress.record_batch(connection, claim.lease, counts, batch)
        row = connection.execute(
            "SELECT rows_per_second, extract(epoch FROM last_batch_at - %s)"
            " FROM contact_imports WHERE id = %s",
            (before[0], import_id),
        ).fetchone()
        assert row is not None
        return float(row[0]), float(row[1])

    # The first batch is all that is known.
    first, seconds = record(100_000, 100)
    assert first == pytest.approx(100_000 / seconds, rel=0.001)
    # A single short one changes little, and a few seconds change all.
    speed, seconds = record(1000, 0.1)
    share = 1 - math.exp(-seconds / 3)
    assert speed == pytest.approx(first + share * (1000 / seconds - first), rel=0.001)
    speed, seconds = record(150_000, 30)
    assert speed == pytest.approx(150_000 / seconds, rel=0.01)
    assert record(0, 30)[0] == pytest.approx(0, abs=1)


@contextmanager
def streams(api: str, key: str, id_: str, count: int) -> Iterator[list[Iterator[Event]]]:
    """Many open streams, each of which has brought its first event."""
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=None)
    with (
        httpx.Client(base_url=api, headers=headers, limits=limits) as client,
        ExitStack() as stack,
    ):
        opened = [stack.enter_context(events_of(client, id_)) for _ in range(count)]
        assert {next(stream).name for stream in opened} == {"progress"}
        yield opened


def test_streams_hold_no_connections_and_are_let_go_of(
    settings: Settings,
    watchers: list[Watcher],
    serve: Callable[[Settings], str],
    team_key: str,
) -> None:
    api = serve(settings.model_copy(update={"db_pool_size": 1}))
    with httpx.Client(base_url=api, headers={"Authorization": f"Bearer {team_key}"}) as client:
        ids = [upload(client), upload(client)]
        with streams(api, team_key, ids[0], 100), streams(api, team_key, ids[1], 1):
            (only,) = watchers
            assert sorted(watched.watchers for watched in only._watched.values()) == [1, 100]
            with ThreadPoolExecutor(8) as threads:
                answers = list(threads.map(lambda _: get(client, ids[0]), range(40)))
            assert {answer["status"] for answer in answers} == {"queued"}
        wait_until(lambda: not only._watched)
        wait_until(lambda: only._polling is not None and only._polling.done())
        # And whoever comes later is served again.
        cancel(client, ids[1])
        with events_of(client, ids[0]) as stream:
            assert next(stream).name == "progress"
            cancel(client, ids[0])
            assert next(stream).name == "failed"


def test_a_thousand_watch_for_one_query_at_a_time(
    client: httpx.Client, settings: Settings, connection: Connection, team_id: uuid.UUID
) -> None:
    ids = [uuid.UUID(upload(client)) for _ in range(3)]
    statements: list[str] = []

    async def follow(hub: Watcher, row: Any) -> list[bytes]:
        return [e async for e in events.stream_events(hub, row, None) if b"data" in e]

    async def run() -> tuple[list[list[bytes]], float]:
        engine = create_engine(settings)
        sessionmaker = create_sessionmaker(engine)
        async with sessionmaker() as session:
            rows = [await find_import(session, team_id, id_) for id_ in ids]
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2])
        )
        hub = Watcher(sessionmaker)
        started = time.monotonic()
        following = [asyncio.create_task(follow(hub, rows[n % 3])) for n in range(1000)]
        while sum(w.watchers for w in hub._watched.values()) < 1000:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for id_ in ids:
            await asyncio.to_thread(cancel, client, str(id_))
        told = await asyncio.gather(*following)
        polling = hub._polling
        assert polling is not None
        await polling
        assert hub._watched == {}
        looks = 1 + (time.monotonic() - started) / watcher.POLL_SECONDS
        await hub.aclose()
        await engine.dispose()
        return told, looks

    told, looks = asyncio.run(run())
    assert {(len(one), b"event: failed" in one[-1]) for one in told} == {(2, True)}
    # As many as there were looks, and none for each of the thousand.
    assert 1 <= len(statements) <= looks
    assert all("unnest" in statement for statement in statements)


def test_streams_outlive_a_database_that_is_away(
    client: httpx.Client, settings: Settings, services: Any, connection: Connection
) -> None:
    id_ = upload(client)
    name = connection.info.dbname
    with (
        psycopg.connect(services.database_url, autocommit=True) as admin,
        events_of(client, id_) as stream,
        ThreadPoolExecutor(1) as threads,
    ):
        assert next(stream).name == "progress"
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        rest: Future[list[Event]] = threads.submit(list, stream)
        time.sleep(4 * watcher.POLL_SECONDS)
        assert not rest.done()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        cancel(client, id_)
        assert [e.name for e in rest.result() if e.name] == ["failed"]
