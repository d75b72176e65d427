"""The product on a database of its own: its processes, its teams, its clean-up."""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.client import Client
from rollcall.api_keys.operators import create_key
from rollcall.config import Settings
from rollcall.database.migrate import upgrade
from rollcall.embedded import EmbeddedServices
from rollcall.embedded.processes import spawn, stop
from rollcall.sweeps.sweep import LOCK as SWEEP_LOCK

Connection = psycopg.Connection[Any]
TABLES = (
    "contacts",
    "segment_memberships",
    "contact_imports",
    "contact_import_failures",
    "contact_name_layers",
    "contact_name_leaves",
    "contact_names_pending",
)
READY_SECONDS = 60.0
STOP_SECONDS = 60.0
# None of those that anybody is given who asks for any port, perhaps while a server starts.
PORTS = (10_000, 20_000)
BIG_TEAM, SMALL_TEAM = "bench", "neighbour"


class Deployment:
    """A database, a Redis database and a folder for uploads on the servers of this run.

    Everything in it is new: no import of another group of figures is in its way.
    """

    def __init__(
        self, services: EmbeddedServices, folder: Path, number: int, max_upload_bytes: int
    ):
        name = f"bench_{number}"
        with psycopg.connect(services.database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self.settings = Settings(
            database_url=_with_path(services.database_url, name),
            redis_url=_with_path(services.redis_url, str(number)),
            storage_url=(folder / name).as_uri(),
            max_upload_bytes=max_upload_bytes,
            rate_limit=0,
            log_level="warning",
        )
        self.uploads = folder / name
        self.uploads.mkdir()
        self._tokens: dict[str, str] = {}
        self._processes = ExitStack()
        self._port = 0
        upgrade(self.settings)

    def __enter__(self) -> Deployment:
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.close()
        shutil.rmtree(self.uploads)

    def connect(self) -> Connection:
        """Return a connection to the database, in autocommit mode."""
        return psycopg.connect(self.settings.psycopg_dsn, autocommit=True)

    def team_id(self, team: str = BIG_TEAM) -> uuid.UUID:
        """Return the id of a team; a new one is made."""
        self._token(team)
        with self.connect() as connection:
            row = connection.execute("SELECT team_id FROM teams WHERE name = %s", [team]).fetchone()
        assert row is not None
        return uuid.UUID(str(row[0]))

    def client(self, team: str = BIG_TEAM) -> Client:
        """Return a new connection to the API that speaks for a team."""
        return Client(self._port, self._token(team))

    def start_api(self) -> subprocess.Popen[bytes]:
        """Start the API and wait until it answers."""
        self._port = free_port()
        process = self._start("api", "--port", str(self._port))
        wait_until_ready(process, self._port)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker; it may take a moment until it takes its first import."""
        return self._start("worker")

    def stop_processes(self) -> None:
        """Stop API and worker."""
        self._processes.close()

    def clear(self) -> None:
        """Empty the tables of contacts and imports, and delete the uploads."""
        with self.connect() as connection:
            # A sweep takes the same tables in another order.
            connection.execute("SELECT pg_advisory_lock(%s)", [SWEEP_LOCK])
            connection.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        # What is hidden tells that this is the storage of the database.
        for entry in self.uploads.glob("[!.]*"):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        self.settle()

    def settle(self) -> None:
        """Do now what the last measurement has left to be done, so that the next does not pay."""
        with self.connect() as connection:
            for table in TABLES:
                connection.execute(f"VACUUM (ANALYZE) {table}")
            connection.execute("CHECKPOINT")
        os.sync()

    def _token(self, team: str) -> str:
        if team not in self._tokens:
            self._tokens[team] = asyncio.run(create_key(self.settings, team, None))
        return self._tokens[team]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = spawn(
            [sys.executable, "-m", "rollcall", *arguments],
            env={**os.environ, **_environment(self.settings)},
        )
        self._processes.callback(stop, process, patience=STOP_SECONDS)
        return process


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server answers `/readyz` with 200."""
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(f"the server is not ready; exit status {process.poll()}")
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _environment(settings: Settings) -> Mapping[str, str]:
    values = settings.model_dump(mode="json")
    return {f"ROLLCALL_{name.upper()}": str(value) for name, value in values.items()}


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
