"""The product with workers, an API and servers of its own, all of which can fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from rollcall.config import Settings
from rollcall.database.migrate import upgrade
from tests.support.faults.servers import Database, Disk, NoDisk
from tests.support.patience import wait_until_ready
from tests.support.ports import free_port
from tests.support.product import Process, Product
from tests.support.redis_server import RedisServer, redis_server
from tests.support.tcp_proxy import Network, network_to

WORKERS = 2
LEASE_SECONDS = 2
BATCH_ROWS = 100


@dataclass(kw_only=True)
class World:
    """What runs. `disk` is None where no file system can be mounted, `no_disk` says why."""

    folder: Path
    database: Database
    redis: RedisServer
    to_database: Network
    to_redis: Network
    product: Product
    port: int
    disk: Disk | None
    no_disk: str = ""
    workers: list[Process] = field(default_factory=list)
    _api: Process | None = None

    @property
    def settings(self) -> Settings:
        return self.product.settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def uploads(self) -> Path:
        return Path(urlsplit(self.settings.storage_url).path)

    @property
    def api(self) -> Process:
        assert self._api is not None
        return self._api

    def connect(self) -> psycopg.Connection[Any]:
        """Connect to the database past the network that can fail."""
        return self.database.connect()

    def start_api(self) -> None:
        """Start the API, on the port of before, and wait until it is ready."""
        self._api = self.product.start("api", "--port", str(self.port))
        wait_until_ready(self.url)

    def start_worker(self, number: int, *, site: Path | None = None) -> None:
        """Start a worker in the place of one; with `site` it loads a `sitecustomize` from there."""
        product = self.product
        variables: dict[str, str] = {}
        if site is not None:
            # One that is forked has begun already.
            program = [sys.executable, "-m", "rollcall"]
            product = Product(
                product.settings, product.folder, product.stack, product.processes, program
            )
            variables["PYTHONPATH"] = os.pathsep.join([str(site), *sys.path])
        worker = product.start("worker", **variables)
        self.workers[number : number + 1] = [worker]

    def keep_running(self) -> None:
        """Start again what has ended, as an orchestrator would."""
        for number, worker in enumerate(self.workers):
            if worker.popen.poll() is not None:
                self.start_worker(number)
        if self.api.popen.poll() is not None:
            self.start_api()

    def start_database(self) -> None:
        """Start PostgreSQL, whatever is left of it, at the end of the network as before."""
        self.database.start()
        self.to_database.target = self.database.address

    def stop(self) -> None:
        """End workers and API as an orchestrator would."""
        for process in [*self.workers, self.api]:
            process.stop()


def family_of(process: Process) -> list[psutil.Process]:
    """Return a process and those that it has started."""
    try:
        own = psutil.Process(process.pid)
        return [own, *own.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start everything, with an empty database; all of it ends with the context."""
    with ExitStack() as stack:
        database = Database(folder / "servers")
        stack.callback(database.stop)
        database.start()
        redis = stack.enter_context(redis_server())
        to_database = stack.enter_context(network_to(*database.address))
        to_redis = stack.enter_context(network_to("127.0.0.1", redis.port))
        disk, no_disk = _mount(folder / "disk", stack)
        settings = _settings(
            _through(to_database, database.url),
            _through(to_redis, redis.url),
            (folder / "disk" / "uploads").as_uri(),
        )
        upgrade(settings)
        world = World(
            folder=folder,
            database=database,
            redis=redis,
            to_database=to_database,
            to_redis=to_redis,
            product=Product(settings, folder, stack),
            port=free_port(),
            disk=disk,
            no_disk=no_disk,
        )
        for number in range(WORKERS):
            world.start_worker(number)
        world.start_api()
        yield world


def _mount(folder: Path, stack: ExitStack) -> tuple[Disk | None, str]:
    disk = Disk(folder)
    try:
        disk.mount()
    except NoDisk as error:
        return None, str(error)
    stack.callback(disk.unmount)
    return disk, ""


def _settings(database_url: str, redis_url: str, storage_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        storage_url=storage_url,
        rate_limit=0,
        lease_seconds=LEASE_SECONDS,
        batch_rows=BATCH_ROWS,
        db_timeout_seconds=3,
        log_level="warning",
    )


def _through(network: Network, url: str) -> str:
    parts = urlsplit(url)
    credentials, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{credentials}{at}127.0.0.1:{network.port}"))
