"""Peak memory of the worker over the size of the file, and of the API over the uploads at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.data import Dataset
from benchmarks.deployment import Deployment
from benchmarks.figure import Figure, Goal
from benchmarks.peak import PeakMemory
from benchmarks.scale import megabytes

GROUP = "memory"
UPLOADS = 8


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure each in a process that has done nothing else."""
    yield from _worker(bench)
    yield from _api(bench)


def _worker(bench: Bench) -> Iterator[Figure]:
    peaks = []
    with bench.deployment() as deployment:
        for rows in (bench.scale.small_file, bench.scale.large_file):
            bench.say(f"memory: the worker with a file of {megabytes(rows)}")
            peaks.append(_worker_peak(bench, deployment, Dataset(rows=rows)))
            yield Figure(
                group=GROUP,
                name=f"worker peak memory, file of {megabytes(rows)}",
                unit="MB",
                ours=peaks[-1],
                goal=Goal(300, of="ours"),
            )
    yield Figure(
        group=GROUP,
        name="worker peak memory, the one file against the other",
        unit="MB",
        ours=max(peaks),
        floor=min(peaks),
        floor_name="the smaller peak",
        goal=Goal(1.1),
    )


def _worker_peak(bench: Bench, deployment: Deployment, data: Dataset) -> float:
    file = bench.file(data)
    deployment.start_api()
    worker = deployment.start_worker()
    with deployment.client() as client, PeakMemory(worker.pid) as peak:
        client.run_import(file).check(data.first_import)
    deployment.stop_processes()
    deployment.clear()
    return peak.megabytes


def _api(bench: Bench) -> Iterator[Figure]:
    file = bench.file(Dataset(rows=bench.scale.large_file))
    size = megabytes(bench.scale.large_file)
    # There is no worker, so that nothing but the uploads happens.
    with bench.deployment() as deployment:
        for count, goal, name in (
            (1, 120, f"upload of {size}"),
            (UPLOADS, 200, f"{UPLOADS} uploads of {size} at once"),
        ):
            bench.say(f"memory: the API, {name}")
            yield Figure(
                group=GROUP,
                name=f"API peak memory, {name}",
                unit="MB",
                ours=_api_peak(deployment, file, count),
                goal=Goal(goal, of="ours"),
            )


def _api_peak(deployment: Deployment, file: Path, count: int) -> float:
    api = deployment.start_api()
    with PeakMemory(api.pid) as peak, ThreadPoolExecutor(count) as threads:
        uploads = [threads.submit(_upload, deployment, file) for _ in range(count)]
        for upload in uploads:
            upload.result()
    deployment.stop_processes()
    deployment.clear()
    return peak.megabytes


def _upload(deployment: Deployment, file: Path) -> None:
    with deployment.client() as client:
        client.upload(file)
