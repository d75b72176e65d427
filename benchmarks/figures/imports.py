"""New, unchanged and changed contacts, and memberships, against a sorted COPY and a peer."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from benchmarks.bench import Bench
from benchmarks.client import Run
from benchmarks.data import Counts, Dataset
from benchmarks.deployment import Deployment
from benchmarks.figure import Figure, Goal, Runs, WrongResult
from benchmarks.floor import Floor
from benchmarks.peer import row_at_a_time
from benchmarks.scale import short

GROUP = "imports"
FLOOR = "binary COPY"


@dataclass
class _Measured:
    new: Runs = field(default_factory=Runs)
    unchanged: Runs = field(default_factory=Runs)
    changed: Runs = field(default_factory=Runs)
    subscribed: Runs = field(default_factory=Runs)


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure as many rounds as the scale says; the floor is measured before every import."""
    data = Dataset(rows=bench.scale.rows)
    measured = _Measured()
    with bench.running() as deployment:
        imports = _Imports(bench, deployment, data, Floor(data))
        for number in range(bench.scale.rounds):
            bench.say(f"imports, round {number + 1} of {bench.scale.rounds}")
            imports.round(measured)
        yield from _figures(measured, short(data.rows))
        bench.say("the peer, row by row")
        yield _peer(bench, deployment, statistics.median(measured.new.ours))


@dataclass
class _Imports:
    bench: Bench
    deployment: Deployment
    data: Dataset
    floor: Floor

    def round(self, measured: _Measured) -> None:
        """Measure each of the imports once, in the one order that makes sense."""
        changed = replace(self.data, revision=1)
        self._import(measured.new, self.data, self.data.first_import)
        self._expect(contacts=self.data.distinct)
        self._import(measured.unchanged, self.data, self.data.next_import)
        self._expect(contacts=self.data.distinct)
        self._import(measured.changed, changed, self.data.next_import)
        self._expect(contacts=self.data.distinct, changed=self.data.distinct)
        self.deployment.clear()
        self._import(measured.subscribed, self.data, self.data.first_import, **self._lists())
        self._expect(
            contacts=self.data.distinct, members=self.data.distinct, choices=self.data.distinct
        )
        self.deployment.clear()

    def _import(self, runs: Runs, data: Dataset, expected: Counts, **fields: object) -> None:
        file = self.bench.file(data)
        for _ in range(self.bench.scale.repeats):
            runs.floors.append(self.floor.measure(self.deployment))
        with self.deployment.client() as client:
            run: Run = client.run_import(file, **fields)
        run.check(expected)
        runs.ours.append(run.seconds)
        self.deployment.settle()

    def _lists(self) -> dict[str, object]:
        with self.deployment.client() as client:
            segment = client.create("/segments", {"name": "bench"})
            topic = client.create("/topics", {"name": "bench", "default_subscription": "opt_out"})
        return {
            "segments": [{"id": segment}],
            "topics": [{"id": topic, "subscription": "opt_in"}],
        }

    def _expect(self, **expected: int) -> None:
        """Compare what is stored with what should be; counts that are not given have to be 0."""
        query = """SELECT
            (SELECT count(*) FROM contacts) AS contacts,
            (SELECT count(*) FROM contacts WHERE updated_at > created_at) AS changed,
            (SELECT count(*) FROM contacts WHERE topics <> '{}') AS choices,
            (SELECT count(*) FROM segment_memberships) AS members"""
        with self.deployment.connect() as connection:
            cursor = connection.execute(query)
            names = [column.name for column in cursor.description or ()]
            (row,) = cursor.fetchall()
        stored = dict(zip(names, row, strict=True))
        if stored != {**dict.fromkeys(names, 0), **expected}:
            raise WrongResult(f"{stored} are stored instead of {expected}")


def _figures(measured: _Measured, rows: str) -> Iterator[Figure]:
    named = [
        (f"{rows} new contacts", measured.new, Goal(2.0)),
        ("the same file again, nothing changed", measured.unchanged, Goal(1.5)),
        ("the same file again, every row changed", measured.changed, Goal(4.0)),
        (f"{rows} new contacts with a segment and a topic", measured.subscribed, Goal(3.5)),
    ]
    for name, runs, goal in named:
        yield runs.figure(GROUP, name, floor_name=FLOOR, goal=goal)


def _peer(bench: Bench, deployment: Deployment, ours: float) -> Figure:
    """Compare new contacts with the row-at-a-time way, measured on fewer rows and scaled."""
    data = Dataset(rows=bench.scale.peer_rows)
    seconds = row_at_a_time(deployment, data, bench.file(data))
    shown = short(data.rows)
    return Figure(
        group=GROUP,
        name=f"{short(bench.scale.rows)} new contacts, against a peer",
        unit="s",
        ours=ours,
        floor=seconds * bench.scale.rows / data.rows,
        floor_name="executemany",
        note=f"INSERT … ON CONFLICT by 1,000 and commit; measured on {shown} rows and scaled",
    )
