"""An upload through the API against the raw body written to the same disk."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import raw_server
from benchmarks.bench import WARM_UP, Bench
from benchmarks.data import Dataset
from benchmarks.deployment import Deployment
from benchmarks.figure import Figure, Goal, Runs
from benchmarks.scale import megabytes

REPEATS = 5
PIECE = 1024 * 1024


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure both floors and the API in turns: over HTTP, and from file to file."""
    file = bench.file(Dataset(rows=bench.scale.large_file))
    copies: list[float] = []
    runs = Runs()
    bench.say("upload")
    # There is no worker: an import that runs beside would be measured too.
    with bench.deployment() as deployment:
        deployment.start_api()
        with raw_server.serving(deployment.uploads) as raw, deployment.client() as client:
            client.upload(bench.file(WARM_UP))
            for _ in range(REPEATS):
                runs.floors.append(_timed(deployment, lambda: raw.upload_raw(file)))
                runs.ours.append(_timed(deployment, lambda: client.upload(file)))
                copies.append(_timed(deployment, lambda: _copy(file, deployment.uploads)))
    name = f"upload of {megabytes(bench.scale.large_file)}"
    yield runs.figure(
        "upload",
        name,
        floor_name="raw body to disk",
        goal=Goal(2.0),
        note="over HTTP, by the same server, without parsing the form; both end with an fsync",
    )
    yield Figure(
        group="upload",
        name=f"{name}, against a copy of the file",
        unit="s",
        ours=statistics.median(runs.ours),
        floor=statistics.median(copies),
        floor_name="read and write, no HTTP",
        our_runs=runs.ours,
        floor_runs=copies,
    )


def _timed(deployment: Deployment, action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    seconds = time.perf_counter() - started
    deployment.clear()
    return seconds


def _copy(file: Path, folder: Path) -> None:
    with (
        file.open("rb", buffering=0) as source,
        (folder / "copy").open("wb", buffering=0) as target,
    ):
        while piece := source.read(PIECE):
            target.write(piece)
