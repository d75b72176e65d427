"""One run: its servers, its files, its deployments."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.data import Dataset
from benchmarks.deployment import Connection, Deployment
from benchmarks.figure import Point
from benchmarks.scale import Scale
from rollcall.embedded import EmbeddedServices

# About as much log as the import of a contact with a membership writes.
LOG_BYTES_PER_ROW = 1_500
WARM_UP = Dataset(rows=100, series=900)


@dataclass
class Bench:
    """What the groups of figures share. `curve` is filled by the group that measures it."""

    scale: Scale
    services: EmbeddedServices
    folder: Path
    curve: list[Point] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _count: int = 0
    _large: Deployment | None = None
    _series: int = 0

    def deployment(self) -> Deployment:
        """Return a new deployment, which ends with its `with` block."""
        self._count += 1
        uploads = self.folder / "uploads"
        uploads.mkdir(exist_ok=True)
        return Deployment(self.services, uploads, self._count, self.scale.max_upload_bytes)

    @contextmanager
    def running(self) -> Iterator[Deployment]:
        """Return a new deployment with an API and a warm worker."""
        with self.deployment() as deployment:
            self._start(deployment)
            yield deployment

    def large(self) -> Deployment:
        """Return the deployment with the large table, which several groups use."""
        if self._large is None:
            self._large = self._stack.enter_context(self.running())
        return self._large

    def file(self, data: Dataset) -> Path:
        """Return the path of a data set's file, which is written when it is not there."""
        path = self.folder / f"{data.rows}-{data.series}-{data.revision}.csv"
        if not path.exists():
            data.write(path)
        return path

    def fresh(self, rows: int) -> Dataset:
        """Return a data set whose addresses nobody has used."""
        self._series += 1
        return Dataset(rows=rows, series=self._series)

    def connect(self) -> Connection:
        """Return a connection to the servers' own database, in autocommit mode."""
        return psycopg.connect(self.services.database_url, autocommit=True)

    def say(self, text: str) -> None:
        """Tell whoever waits what is going on."""
        print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End what several groups have used."""
        self._stack.close()

    def _start(self, deployment: Deployment) -> None:
        deployment.start_worker()
        deployment.start_api()
        with deployment.client("warm-up") as client:
            client.run_import(self.file(WARM_UP)).check(WARM_UP.first_import)
        deployment.clear()


@contextmanager
def start(scale: Scale, data_dir: Path | None) -> Iterator[Bench]:
    """Start PostgreSQL and Redis in a new folder, under `data_dir` if that is given."""
    with (
        tempfile.TemporaryDirectory(prefix="rollcall-bench-", dir=data_dir) as folder,
        EmbeddedServices(Path(folder) / "services") as services,
    ):
        bench = Bench(scale=scale, services=services, folder=Path(folder))
        _age(bench)
        try:
            yield bench
        finally:
            bench.close()


def _age(bench: Bench) -> None:
    """Bring PostgreSQL's log to the size that it has in a server that has run for some time.

    Its files are used again and again; a new server has to make them first, which would make
    the first figures several times slower than the same figures later.
    """
    with bench.connect() as connection:
        connection.execute("CREATE TABLE ageing (content text)")
        connection.execute(
            "INSERT INTO ageing SELECT repeat('x', 1000) FROM generate_series(1, %s)",
            [bench.scale.rows * LOG_BYTES_PER_ROW // 1000],
        )
        connection.execute("DROP TABLE ageing")
        connection.execute("CHECKPOINT")
    os.sync()
