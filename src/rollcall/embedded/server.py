"""What the embedded servers have in common: one process with a directory, a log and a port."""

from __future__ import annotations

import importlib.util
import logging
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

from rollcall.embedded.accounts import Account, let_in
from rollcall.embedded.processes import end_orphans, spawn, stop, stop_leftovers

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PORT_TRIES = 3
PORT_PATIENCE = 5.0
LOG_TAIL_LINES = 20
# A server that ends once more after so many restarts within the window would not stay up anyway.
RESTARTS = 3
RESTART_WINDOW = 60.0


class EmbeddedError(Exception):
    """The embedded PostgreSQL or Redis cannot run; the message says why."""


class Server(ABC):
    """A server process with its directory and its log, both under the data directory."""

    name: str
    title: str
    program: str
    stop_signal: signal.Signals
    patience: float

    def __init__(self, data_dir: Path, account: Account, secret: str, *, for_tests: bool) -> None:
        self.directory = data_dir / self.name
        self.log = data_dir / f"{self.name}.log"
        self.account = account
        self.secret = secret
        self.for_tests = for_tests
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_by: float | None = None
        self._restarts: list[float] = []

    @abstractmethod
    def command(self) -> list[str | Path]:
        """Return the program and its arguments, for the port that is set."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the running process takes connections."""

    @abstractmethod
    def forget_last_run(self) -> None:
        """Remove what a run leaves behind that has ended, and what would mislead the next."""

    def take_over(self) -> None:
        """Stop what a killed earlier run has left running on the same data.

        Raises:
            EmbeddedError: it does not stop.
        """
        alive = stop_leftovers(
            self.program, self.directory, by=self.stop_signal, patience=self.patience
        )
        if alive:
            raise EmbeddedError(
                f"{self.title} of an earlier run does not stop: process {alive[0].pid}."
            )
        self.forget_last_run()

    def launch(self) -> None:
        """Start the process on a free port; another when somebody takes the port in between.

        Raises:
            EmbeddedError: it ends or is not ready in time; the message has the end of its log.
        """
        self._put_log_aside()
        for _ in range(PORT_TRIES):
            self.port = _free_port()
            if self._comes_up(self._spawn()):
                return
            if "Address already in use" not in tail(self.log):
                break
        self.check()

    def _put_log_aside(self) -> None:
        """Keep what the last run said: it may tell why this one finds what it finds."""
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

    def _spawn(self) -> subprocess.Popen[bytes]:
        # Somebody may have closed a folder since; what runs already does not notice.
        let_in(self.account, self.directory)
        with self.log.open("wb") as log:
            self._process = spawn(
                self.command(),
                output=log,
                cwd=self.directory,
                account=self.account,
                death_signal=self.stop_signal,
            )
        self._ready_by = time.monotonic() + self.patience
        return self._process

    def _comes_up(self, process: subprocess.Popen[bytes]) -> bool:
        while process.poll() is None:
            if self._has_become_ready():
                return True
            time.sleep(0.02)
        return False

    def _has_become_ready(self) -> bool:
        if self._ready_by is None:
            return True
        if self.is_ready():
            self._ready_by = None
            return True
        if time.monotonic() > self._ready_by:
            raise EmbeddedError(
                f"{self.title} is not ready after {self.patience:.0f} seconds:\n{tail(self.log)}"
            )
        return False

    def check(self) -> None:
        """Raise an EmbeddedError when the process has ended by itself."""
        if self._process and self._process.poll() is not None:
            raise EmbeddedError(
                f"{self.title} has ended ({self._why_it_ended()}):\n{tail(self.log)}"
            )

    def keep_running(self) -> None:
        """Start the process again at once, on the same port, when it has ended by itself.

        The caller comes back every moment, so this does not wait until the process is ready.

        Raises:
            EmbeddedError: it ends too often, or is not ready in time.
        """
        if self._process and self._process.poll() is not None:
            self._restart()
        else:
            self._has_become_ready()

    def _restart(self) -> None:
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if now - moment < RESTART_WINDOW]
        if len(self._restarts) == RESTARTS:
            raise EmbeddedError(
                f"{self.title} has ended once more ({self._why_it_ended()}) after {RESTARTS}"
                f" restarts within a minute; its log is {self.log}."
            )
        self._restarts.append(now)
        log.warning(
            "%s has ended (%s) and is started again, attempt %s of %s within a minute.",
            self.title,
            self._why_it_ended(),
            len(self._restarts),
            RESTARTS,
        )
        end_orphans(self.program, self.directory)
        self.forget_last_run()
        self._put_log_aside()
        _wait_for_port(self.port)
        self._spawn()

    def _why_it_ended(self) -> str:
        assert self._process
        status = self._process.returncode
        if status >= 0:
            return f"status {status}"
        with suppress(ValueError):
            return f"killed by {signal.Signals(-status).name}"
        return f"killed by signal {-status}"

    def stop(self) -> None:
        """Stop the process, and with it what a killed one may have left running."""
        if self._process and self._process.poll() is None:
            stop(self._process, by=self.stop_signal, patience=self.patience)
            if self._process.returncode:
                log.warning(
                    "%s has ended (%s):\n%s", self.title, self._why_it_ended(), tail(self.log)
                )
        end_orphans(self.program, self.directory)


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


def _wait_for_port(port: int) -> None:
    """Wait until a port of before is free again: clients that look for the server may hold it."""
    deadline = time.monotonic() + PORT_PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return
        time.sleep(0.05)


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])
