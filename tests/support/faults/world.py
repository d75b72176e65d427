"""The product with workers, an API and servers of its own, all of which can fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from rollcall.config import Settings
from rollcall.database.migrate import upgrade
from tests.support.addresses import address_of, at_port
from tests.support.buckets import bucket
from tests.support.clocks import start_ahead
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
    """What runs; uploads are kept on the `disk` or in a bucket, which is behind `to_bucket`.

    `disk` is None where no file system can be mounted, and `no_disk` says why.
    """

    folder: Path
    database: Database
    redis: RedisServer
    to_database: Network
    to_redis: Network
    product: Product
    port: int
    disk: Disk | None
    no_disk: str = ""
    to_bucket: Network | None = None
    workers: list[Process] = field(default_factory=list)
    _api: Process | None = None

    @property
    def settings(self) -> Settings:
        return self.product.settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> Process:
        assert self._api is not None
        return self._api

    def connect(self) -> psycopg.Connection[Any]:
        """Connect to the database past the network that can fail."""
        return self.database.connect()

    def start_api(self) -> None:
        """Start the API, on the port of before, and wait until it is ready."""
        self._api = self.product.start("api", "--port", str(self.port), **self._environment())
        wait_until_ready(self.url)

    def start_worker(self, number: int, *, ahead: int = 0) -> None:
        """Start a worker in the place of one, with a clock that is so many seconds ahead."""
        environment = self._environment()
        if ahead:
            site = self.folder / f"site{ahead}"
            worker = start_ahead(self.product, ahead, site, "worker", **environment)
        else:
            worker = self.product.start("worker", **environment)
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

    def _environment(self) -> dict[str, str]:
        if self.to_bucket is None:
            return {}
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.to_bucket.port}"}


def family_of(process: Process) -> list[psutil.Process]:
    """Return a process and those that it has started."""
    try:
        own = psutil.Process(process.pid)
        return [own, *own.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def running_world(folder: Path, *, in_bucket: bool = False) -> Iterator[World]:
    """Start everything, with an empty database; all of it ends with the context."""
    with ExitStack() as stack:
        database = Database(folder / "servers")
        stack.callback(database.stop)
        database.start()
        redis = stack.enter_context(redis_server())
        to_database = stack.enter_context(network_to(*database.address))
        to_redis = stack.enter_context(network_to("127.0.0.1", redis.port))
        disk, no_disk, to_bucket = None, "files are kept in a bucket", None
        storage_url = (folder / "disk" / "uploads").as_uri()
        if in_bucket:
            storage_url = stack.enter_context(bucket())
            to_bucket = stack.enter_context(network_to(*address_of(os.environ["AWS_ENDPOINT_URL"])))
        else:
            disk, no_disk = _mount(folder / "disk", stack)
        settings = _settings(
            at_port(database.url, to_database.port), at_port(redis.url, to_redis.port), storage_url
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
            to_bucket=to_bucket,
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
        storage_patience_seconds=2,
        log_level="warning",
    )
