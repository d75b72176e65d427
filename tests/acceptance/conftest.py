"""The product as it runs in production: API and worker are processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from tests.acceptance.clients.install import (
    NODE_CLIENTS_MISSING,
    ClientsUnavailable,
    install_clients,
)
from tests.support.browser import BROWSER_MISSING, BrowserUnavailable, find_chromium
from tests.support.databases import make_key_of, own_settings
from tests.support.patience import PATIENCE
from tests.support.ports import free_port

Connection = psycopg.Connection[Any]


@dataclass
class Process:
    """A `rollcall …` process."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def kill(self) -> None:
        """End it as a crash would."""
        self.popen.kill()
        self.popen.wait()

    def stop(self) -> int:
        """End it as an orchestrator would; returns its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(timeout=PATIENCE)


@dataclass
class Product:
    """Starts the parts of the product against one database, Redis and folder.

    `program` is what runs them.
    """

    settings: Settings
    folder: Path
    stack: ExitStack
    processes: list[Process] = field(default_factory=list)
    program: list[str] = field(default_factory=lambda: [sys.executable, "-m", "rollcall"])

    def start(self, *arguments: str, **environment: str) -> Process:
        """Run `rollcall …`; it is ended with the test."""
        log = self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [*self.program, *arguments],
                env={**os.environ, **self._variables(), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(popen, log)
        self.processes.append(process)
        self.stack.callback(_end, process)
        return process

    def start_api(self) -> str:
        """Start the API and return its base URL."""
        port = free_port()
        process = self.start("api", "--port", str(port))
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        return url

    def _variables(self) -> dict[str, str]:
        dumped = self.settings.model_dump(mode="json")
        return {f"ROLLCALL_{name.upper()}": str(value) for name, value in dumped.items()}


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Iterator[Product]:
    """The parts of the product as processes; all of them are ended with the test."""
    with ExitStack() as stack:
        yield Product(settings, tmp_path, stack)


@pytest.fixture
def base_url(product: Product) -> str:
    """A running API and worker."""
    product.start("worker")
    return product.start_api()


@pytest.fixture
def http(base_url: str, team_key: str) -> Iterator[httpx.Client]:
    """An HTTP client of the running product."""
    with Team(base_url, team_key).client() as client:
        yield client


@dataclass(frozen=True)
class Team:
    """A team of a running API and worker."""

    url: str
    key: str

    def client(self) -> httpx.Client:
        """Return an HTTP client with the team's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers)


@pytest.fixture(scope="session")
def new_team(
    services: EmbeddedServices, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Team]]:
    """Make teams of one running API and worker, for tests to which nothing else has to belong."""
    del template_database
    folder = tmp_path_factory.mktemp("shared")
    with own_settings(services, folder, redis_database=2) as settings, ExitStack() as stack:
        product = Product(settings, folder, stack)
        product.start("worker")
        url = product.start_api()
        yield lambda: Team(url, make_key_of(settings, f"team {uuid.uuid4()}"))


@pytest.fixture
def team(new_team: Callable[[], Team]) -> Team:
    """A team of the API and worker that tests share."""
    return new_team()


@pytest.fixture(scope="session")
def node_clients() -> Path:
    """The folder in which the Node clients are installed; CI must have Node, others should."""
    try:
        return install_clients()
    except ClientsUnavailable as unavailable:
        _leave_out(NODE_CLIENTS_MISSING, unavailable)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, for `browser.visiting`; CI must have it, others should."""
    try:
        return find_chromium()
    except BrowserUnavailable as unavailable:
        _leave_out(BROWSER_MISSING, unavailable)


def _leave_out(beginning: str, unavailable: Exception) -> NoReturn:
    """Skip a test for want of a program, or fail where everything has to be run."""
    if in_ci():
        pytest.fail(str(unavailable), pytrace=False)
    pytest.skip(f"{beginning}{unavailable}")


def in_ci() -> bool:
    """Tell whether everything has to be run, so that what cannot be is a failure."""
    return os.environ.get("CI", "").lower() in ("true", "1")


@pytest.fixture
def client_environment(node_clients: Path, team: Team, tmp_path: Path) -> dict[str, str]:
    """The environment of a Node client: a team of the running product, and an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": f"{node_clients / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "RESEND_BASE_URL": team.url,
        "RESEND_API_KEY": team.key,
    }


@contextmanager
def held_back(settings: Settings, team_id: uuid.UUID, email: str) -> Iterator[Connection]:
    """Write a contact and do not commit, so that an import waits at it until that is undone."""
    with psycopg.connect(settings.psycopg_dsn) as connection:
        connection.execute(
            "INSERT INTO contacts (team_id, email) VALUES (%s, %s)", (team_id, email)
        )
        yield connection
        connection.rollback()


def _wait_until_ready(url: str, process: Process) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.popen.poll() is None, process.log.read_text()
        assert time.monotonic() < deadline, process.log.read_text()
        time.sleep(0.05)


def _end(process: Process) -> None:
    try:
        process.stop()
    except subprocess.TimeoutExpired:
        process.kill()
        raise
