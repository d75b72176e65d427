"""The product as it runs in production: API and worker are processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from rollcall.config import Settings
from tests.acceptance.clients.install import ClientsUnavailable, install_clients

START_SECONDS = 60
NODE_CLIENTS_MISSING = pytest.StashKey[str]()


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
        return self.popen.wait(timeout=60)


@dataclass
class Product:
    """Starts the parts of the product against one database, Redis and folder."""

    settings: Settings
    folder: Path
    stack: ExitStack
    processes: list[Process] = field(default_factory=list)

    def start(self, *arguments: str, **environment: str) -> Process:
        """Run `rollcall …`; it is ended with the test."""
        log = self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "rollcall", *arguments],
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
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
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
    headers = {"Authorization": f"Bearer {team_key}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def node_clients(pytestconfig: pytest.Config) -> Path:
    """The folder in which the Node clients are installed; CI must have Node, others should."""
    try:
        return install_clients()
    except ClientsUnavailable as unavailable:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(str(unavailable), pytrace=False)
        pytestconfig.stash[NODE_CLIENTS_MISSING] = str(unavailable)
        pytest.skip(str(unavailable))


@pytest.fixture
def client_environment(
    node_clients: Path, base_url: str, team_key: str, tmp_path: Path
) -> dict[str, str]:
    """The environment of a Node client: the running product, and an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": f"{node_clients / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "RESEND_BASE_URL": base_url,
        "RESEND_API_KEY": team_key,
    }


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say in the end, where it is seen, that the Node clients did not run."""
    missing = config.stash.get(NODE_CLIENTS_MISSING, None)
    if missing is not None:
        terminalreporter.section("THE NODE CLIENTS DID NOT RUN", yellow=True, bold=True)
        terminalreporter.line(missing, yellow=True)
        terminalreporter.line("Their tests were skipped; with CI=true they fail.", yellow=True)


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def _wait_until_ready(url: str, process: Process) -> None:
    deadline = time.monotonic() + START_SECONDS
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
