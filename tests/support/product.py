"""The product as it runs in production: API and worker are processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

import httpx
import pytest

from rollcall.config import Settings
from tests.support.forks import Forked, forks
from tests.support.patience import PATIENCE, PatientTransport
from tests.support.ports import free_port


@dataclass
class Process:
    """A `rollcall …` process."""

    popen: subprocess.Popen[bytes] | Forked
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

    `program` is what runs them, if it is not to be `python -m rollcall`: then they are forked from
    a process that has loaded it.
    """

    settings: Settings
    folder: Path
    stack: ExitStack
    processes: list[Process] = field(default_factory=list)
    program: list[str] = field(default_factory=list)

    def start(self, *arguments: str, **environment: str) -> Process:
        """Run `rollcall …`; it is ended with the test."""
        log = self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            popen = self._start(
                arguments, {**os.environ, **self._variables(), **environment}, output
            )
        process = Process(popen, log)
        self.processes.append(process)
        self.stack.callback(_end, process)
        return process

    def _start(
        self, arguments: Sequence[str], environment: dict[str, str], output: IO[bytes]
    ) -> subprocess.Popen[bytes] | Forked:
        if not self.program:
            return forks.start(arguments, environment=environment, output=output)
        return subprocess.Popen(
            [*self.program, *arguments],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

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


@dataclass(frozen=True)
class Team:
    """A team of a running API and worker."""

    url: str
    key: str

    def client(self) -> httpx.Client:
        """Return an HTTP client with the team's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, transport=PatientTransport())


def leave_out(beginning: str, unavailable: Exception) -> NoReturn:
    """Skip a test for want of a program, or fail where everything has to be run."""
    if in_ci():
        pytest.fail(str(unavailable), pytrace=False)
    pytest.skip(f"{beginning}{unavailable}")


def in_ci() -> bool:
    """Tell whether everything has to be run, so that what cannot be is a failure."""
    return os.environ.get("CI", "").lower() in ("true", "1")


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
