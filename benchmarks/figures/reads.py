"""How long GETs take while an import runs, on the first page of each list and on a deep one."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.bench import Bench
from benchmarks.client import Client
from benchmarks.data import Dataset
from benchmarks.deployment import Deployment
from benchmarks.figure import Figure, Goal
from benchmarks.fill import fill_contacts, fill_imports, fill_segment
from benchmarks.scale import short

GROUP = "reads"
# The same requests per page as a list has by default.
PAGE = {"contact_imports": 10, "contacts": 20}
GOAL_SECONDS = 0.025


@dataclass
class _Path:
    """A path and how long each request to it has taken, in seconds."""

    name: str
    path: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


@dataclass
class _List:
    """A list: its first page, and a deep one."""

    name: str
    first: _Path
    deep: _Path


def measure(bench: Bench) -> Iterator[Figure]:
    """Fill the database, then ask for everything in turns until the imports are over."""
    deployment = bench.large()
    bench.say(f"reads: filling up to {short(bench.scale.large_table)} contacts")
    fill_contacts(deployment, bench.scale.large_table)
    import_id, lists = _prepare(bench, deployment)
    shown = _Path("GET /contacts/imports/{id}", f"/contacts/imports/{import_id}")
    idle = _Path("GET /healthz", "/healthz")
    paths = [shown, idle, *(path for each in lists for path in (each.first, each.deep))]
    bench.say("reads: measuring")
    _ask(bench, deployment, paths)
    for path in paths:
        if path is not idle:
            yield _p99(path, idle)
    yield _depth(bench, lists)


def _prepare(bench: Bench, deployment: Deployment) -> tuple[uuid.UUID, list[_List]]:
    """Store imports and memberships; return an import's id and the lists."""
    data = bench.fresh(100)
    with deployment.client() as client:
        import_id = uuid.UUID(client.upload(bench.file(data)))
        while client.get(f"/contacts/imports/{import_id}")["status"] != "completed":
            time.sleep(0.05)
        segment_id = uuid.UUID(client.create("/segments", {"name": "bench"}))
    fill_imports(deployment, import_id, bench.scale.stored_imports)
    fill_segment(deployment, segment_id, bench.scale.rows)
    deployment.settle()
    lists = [
        ("/contacts/imports", "contact_imports"),
        ("/contacts", "contacts"),
        (f"/segments/{segment_id}/contacts", "contacts"),
    ]
    return import_id, [_list(bench, deployment, path, table) for path, table in lists]


def _list(bench: Bench, deployment: Deployment, path: str, table: str) -> _List:
    page = bench.scale.deep_page
    with deployment.connect() as connection:
        # The segment has the newest contacts, so that its pages are those of all contacts.
        query = f"SELECT id FROM {table} WHERE team_id = %s ORDER BY id DESC OFFSET %s LIMIT 1"
        parameters = [deployment.team_id(), (page - 1) * PAGE[table] - 1]
        ((after,),) = connection.execute(query, parameters).fetchall()
    name = "/segments/{id}/contacts" if path.startswith("/segments") else path
    return _List(
        name=name,
        first=_Path(f"GET {name}, page 1", path),
        deep=_Path(f"GET {name}, page {page:,}", f"{path}?after={after}"),
    )


def _ask(bench: Bench, deployment: Deployment, paths: list[_Path]) -> None:
    """Ask for each path in turns, one request at a time, while imports run."""
    repeats = range(bench.scale.repeats)
    datasets = [bench.fresh(bench.scale.large_import) for _ in repeats]
    for data in datasets:
        bench.file(data)
    with deployment.client() as client, ThreadPoolExecutor(1) as threads:
        running = threads.submit(_import_all, bench, deployment, datasets)
        _ask_until(running, client, paths)
        running.result()


def _import_all(bench: Bench, deployment: Deployment, datasets: list[Dataset]) -> None:
    with deployment.client() as client:
        for data in datasets:
            client.run_import(bench.file(data)).check(data.first_import)


def _ask_until(running: Future[None], client: Client, paths: list[_Path]) -> None:
    while not running.done():
        for path in paths:
            started = time.perf_counter()
            client.get(path.path)
            path.seconds.append(time.perf_counter() - started)


def _p99(path: _Path, idle: _Path) -> Figure:
    return Figure(
        group=GROUP,
        name=f"{path.name}, p99",
        unit="ms",
        ours=path.p99 * 1000,
        floor=idle.p99 * 1000,
        floor_name="GET /healthz, p99",
        goal=Goal(GOAL_SECONDS * 1000, of="ours"),
        note=f"{len(path.seconds)} requests, median {path.median * 1000:.1f} ms",
    )


def _depth(bench: Bench, lists: list[_List]) -> Figure:
    """Compare deep pages with first ones by their medians, which repeat better than the p99."""
    worst = max(lists, key=lambda each: each.deep.median / each.first.median)
    return Figure(
        group=GROUP,
        name=f"page {bench.scale.deep_page:,} against page 1, slowest list",
        unit="ms",
        ours=worst.deep.median * 1000,
        floor=worst.first.median * 1000,
        floor_name="page 1",
        goal=Goal(1.2),
        note=f"medians of {worst.name}",
    )
