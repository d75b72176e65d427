"""New contacts into a table that grows: rows per second over the contacts stored already."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.deployment import Deployment
from benchmarks.figure import Figure, Goal, Point
from benchmarks.fill import fill_contacts, stored_contacts
from benchmarks.scale import short

# In tenths of the large table: 0, 1, 2, 5 and 10 M.
STEPS = (0, 1, 2, 5, 10)


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure the large table as it fills, and an empty one again at the end.

    The imports themselves are part of what fills it, the rest is made inside the database and
    does not count.
    """
    deployment = bench.large()
    for step in STEPS:
        _add_point(bench, deployment, step * bench.scale.large_table // STEPS[-1])
    for _ in range(bench.scale.rounds - 1):
        _add_point(bench, deployment, bench.scale.large_table)
    with bench.running() as empty:
        for _ in range(max(1, bench.scale.rounds - 1)):
            _add_point(bench, empty, 0)
            empty.clear()
    yield _figure(bench)


def _add_point(bench: Bench, deployment: Deployment, stored: int) -> None:
    """Import into the table when it has this many contacts, or a few more."""
    bench.say(f"size: into a table of {short(stored)} contacts")
    fill_contacts(deployment, stored)
    stored = stored_contacts(deployment)
    data = bench.fresh(bench.scale.rows)
    file = bench.file(data)
    with deployment.client() as client:
        run = client.run_import(file)
    run.check(data.first_import)
    file.unlink()
    bench.curve.append(Point(stored=stored, rows_per_second=data.rows / run.seconds))
    deployment.settle()


def _figure(bench: Bench) -> Figure:
    large = [p.rows_per_second for p in bench.curve if p.stored >= bench.scale.large_table]
    empty = [p.rows_per_second for p in bench.curve if p.stored == 0]
    return Figure(
        group="size",
        name=f"rows/s into a table of {short(bench.scale.large_table)} contacts",
        unit="rows/s",
        ours=statistics.median(large),
        floor=statistics.median(empty),
        floor_name="into an empty one",
        goal=Goal(0.7, at_least=True),
        note="the empty table before and after the large one",
        our_runs=large,
        floor_runs=empty,
    )
