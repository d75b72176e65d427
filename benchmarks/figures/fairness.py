"""A small import beside a big one, and four teams at once against one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.client import Run
from benchmarks.data import Dataset
from benchmarks.deployment import BIG_TEAM, SMALL_TEAM, Deployment
from benchmarks.figure import Figure, Goal, Runs, WrongResult
from benchmarks.scale import short

GROUP = "fairness"
SMALL_ROWS = 100
SMALL_PAUSE = 0.3
TEAMS = ("team 1", "team 2", "team 3", "team 4")


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure both with one worker."""
    with bench.running() as deployment:
        yield _small_beside_big(bench, deployment)
        yield from _teams_at_once(bench, deployment)


def _small_beside_big(bench: Bench, deployment: Deployment) -> Figure:
    rows = short(bench.scale.large_import)
    bench.say(f"fairness: {SMALL_ROWS} rows beside {rows}")
    waits = _waits(bench, deployment)
    deployment.clear()
    return Figure(
        group=GROUP,
        name=f"a {SMALL_ROWS}-row import beside one of {rows} rows, slowest",
        unit="s",
        ours=max(waits),
        goal=Goal(2, of="ours"),
        note=f"{len(waits)} imports, in turn of the same team and of another;"
        f" median {statistics.median(waits):.2f} s",
        our_runs=waits,
    )


def _waits(bench: Bench, deployment: Deployment) -> list[float]:
    """Return how long each of the small imports has taken while the big one ran."""
    big = bench.fresh(bench.scale.large_import)
    small = bench.fresh(SMALL_ROWS)
    big_file, small_file = bench.file(big), bench.file(small)
    expected = {BIG_TEAM: small.first_import, SMALL_TEAM: small.first_import}
    waits: list[float] = []
    with ExitStack() as stack, ThreadPoolExecutor(1) as threads:
        clients = {team: stack.enter_context(deployment.client(team)) for team in expected}
        running = _start(threads, deployment, BIG_TEAM, big_file.name, bench)
        while not running.done() or not waits:
            for team, client in clients.items():
                run = client.run_import(small_file)
                run.check(expected[team])
                expected[team] = small.next_import
                # The first is kept in any case: a run of few rows is over before it.
                if not waits or not running.done():
                    waits.append(run.seconds)
            time.sleep(SMALL_PAUSE)
        running.result().check(big.first_import)
    big_file.unlink()
    return waits


def _start(
    threads: ThreadPoolExecutor, deployment: Deployment, team: str, file: str, bench: Bench
) -> Future[Run]:
    """Begin an import, and return when it runs."""

    def run() -> Run:
        with deployment.client(team) as client:
            return client.run_import(bench.folder / file)

    future = threads.submit(run)
    with deployment.connect() as connection:
        query = "SELECT FROM contact_imports WHERE status <> 'queued'"
        while not connection.execute(query).fetchall():
            if future.done():
                future.result()
            time.sleep(0.02)
    return future


def _teams_at_once(bench: Bench, deployment: Deployment) -> Iterator[Figure]:
    part = bench.scale.rows // len(TEAMS)
    runs, spreads = Runs(), []
    for number in range(bench.scale.rounds):
        bench.say(f"fairness: {len(TEAMS)} teams, round {number + 1} of {bench.scale.rounds}")
        runs.floors.append(_finish([_one(bench, deployment)])[0])
        together, spread = _finish(_at_once(bench, deployment, part))
        runs.ours.append(together)
        spreads.append(spread)
    yield runs.figure(
        GROUP,
        f"{len(TEAMS)} imports of {short(part)} rows by {len(TEAMS)} teams at once",
        floor_name="one of the sum",
        goal=None,
        note="from the first accepted to the last completed; the first to end does so"
        f" {statistics.median(spreads):.0%} of that time before the last",
    )


def _one(bench: Bench, deployment: Deployment) -> Run:
    data = Dataset(rows=bench.scale.rows)
    with deployment.client() as client:
        run = client.run_import(bench.file(data))
    run.check(data.first_import)
    deployment.clear()
    return run


def _at_once(bench: Bench, deployment: Deployment, rows: int) -> list[Run]:
    data = Dataset(rows=rows)
    file = bench.file(data)
    with ExitStack() as stack, ThreadPoolExecutor(len(TEAMS)) as threads:
        clients = [stack.enter_context(deployment.client(team)) for team in TEAMS]
        runs = list(threads.map(lambda client: client.run_import(file), clients))
    for run in runs:
        run.check(data.first_import)
    deployment.clear()
    return runs


def _finish(runs: list[Run]) -> tuple[float, float]:
    """Return the seconds from the first accepted to the last completed, and the spread."""
    ends = [run.completed for run in runs]
    seconds = max(ends) - min(run.accepted for run in runs)
    if seconds <= 0:
        raise WrongResult("an import has ended before it was accepted")
    return seconds, (max(ends) - min(ends)) / seconds
