"""What the embedded servers have in common: one process with a directory, a log and a port."""

from __future__ import annotations

import importlib.util
import logging
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from rollcall.embedded.accounts import Account
from rollcall.embedded.processes import spawn, stop, stop_leftovers

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PORT_TRIES = 3
LOG_TAIL_LINES = 20


class EmbeddedError(Exception):
    """The embedded PostgreSQL or Redis cannot run; the message says why and shows its log."""


class Server:
    """A server process with its directory and its log, both under the data directory."""

    name: str
    stop_signal: signal.Signals
    patience: float

    def __init__(self, data_dir: Path, account: Account, secret: str, *, for_tests: bool) -> None:
        self.directory = data_dir / self.name
        self.log = data_dir / f"{self.name}.log"
        self.account = account
        self.secret = secret
        self.for_tests = for_tests
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def take_over(self, program: str) -> None:
        alive = stop_leftovers(program, self.directory, by=self.stop_signal, patience=self.patience)
        if alive:
            raise EmbeddedError(f"{self.name} of an earlier run does not stop: process {alive[0]}.")

    def launch(self, command: Callable[[int], list[str | Path]], ready: Callable[[], bool]) -> None:
        """Start the process on a free port; another when somebody takes the port in between."""
        if self.log.exists():
            # What the last run said is kept: it may tell why this one finds what it finds.
            self.log.replace(self.log.with_suffix(".log.1"))
        for _ in range(PORT_TRIES):
            self.port = _free_port()
            with self.log.open("wb") as log:
                self._process = spawn(
                    command(self.port),
                    output=log,
                    cwd=self.directory,
                    account=self.account,
                    death_signal=self.stop_signal,
                )
            if self._comes_up(self._process, ready):
                return
            if "Address already in use" not in tail(self.log):
                break
        self.check()

    def _comes_up(self, process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + self.patience
        while process.poll() is None:
            if ready():
                return True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} is not ready:\n{tail(self.log)}")
            time.sleep(0.02)
        return False

    def check(self) -> None:
        """Raise when the process has ended by itself."""
        if self._process and self._process.poll() is not None:
            raise EmbeddedError(
                f"{self.name} has ended with status {self._process.returncode}:\n{tail(self.log)}"
            )

    def stop(self) -> None:
        if self._process:
            stop(self._process, by=self.stop_signal, patience=self.patience)
            if self._process.returncode:
                log.warning(
                    "%s ended with status %s:\n%s",
                    self.name,
                    self._process.returncode,
                    tail(self.log),
                )


def package_directory(name: str) -> Path:
    """Return where a package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package {name} is missing; install rollcall[embedded].")
    return Path(spec.origin).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])
