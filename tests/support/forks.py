"""Processes of Rollcall that begin at once, because they are forked from one that has loaded it.

Each is a process of its own, with a session, an environment and signals as if it had been started
by `python -m rollcall`; `fork_server` is what forks.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.support.fork_server import HEAD
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]


@dataclass
class Forked:
    """A process that another one has forked, as `subprocess.Popen` has those of our own."""

    pid: int
    args: list[str]
    _status: int
    returncode: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while it runs."""
        with self._lock:
            if self.returncode is None and self._has_ended(0):
                self._take_status()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit status.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """
        with self._lock:
            if self.returncode is None:
                if not self._has_ended(timeout):
                    assert timeout is not None
                    raise subprocess.TimeoutExpired(self.args, timeout)
                self._take_status()
            assert self.returncode is not None
            return self.returncode

    def send_signal(self, number: int) -> None:
        # Its id may be another's as soon as its end is known.
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, timeout: float | None) -> bool:
        # Not `select`, which knows the first thousand descriptors of a process only.
        ended = select.poll()
        ended.register(self._status, select.POLLIN)
        return bool(ended.poll(None if timeout is None else timeout * 1000))

    def _take_status(self) -> None:
        told = os.read(self._status, 32)
        os.close(self._status)
        assert told, "what forks has ended"
        self.returncode = int(told)


class Forks:
    """Starts `rollcall …` processes; what they are forked from is started for the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: tuple[socket.socket, subprocess.Popen[bytes]] | None = None

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        output: IO[Any],
        errors: IO[Any] | None = None,
        folder: Path | None = None,
    ) -> Forked:
        """Start `rollcall …` without input; what it writes goes to files, or all to one."""
        said = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
        }
        body = json.dumps(said).encode()
        status, its_status = os.pipe()
        try:
            with self._lock, Path(os.devnull).open("rb") as nothing:
                connection = self._connect()
                files = [nothing, output, errors or output]
                streams = [*(file.fileno() for file in files), its_status]
                socket.send_fds(connection, [HEAD.pack(len(body))], streams)
                connection.sendall(body)
                (pid,) = HEAD.unpack(connection.recv(HEAD.size, socket.MSG_WAITALL))
        finally:
            os.close(its_status)
        return Forked(pid, ["rollcall", *arguments], status)

    def run(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run `rollcall …` without input to its end, and return what it has written."""
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8") as output,
            tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        ):
            process = self.start(
                arguments, environment=environment, output=output, errors=errors, folder=folder
            )
            try:
                status = process.wait(PATIENCE)
            except BaseException:
                process.kill()
                raise
            output.seek(0)
            errors.seek(0)
            texts = [output.read(), errors.read()]
        return subprocess.CompletedProcess(process.args, status, *texts)

    def stop(self) -> None:
        """End what forks; the processes that it has forked go on."""
        if self._server is None:
            return
        connection, server = self._server
        self._server = None
        connection.close()
        server.wait()

    def _connect(self) -> socket.socket:
        if self._server is None:
            ours, its = socket.socketpair()
            with its:
                server = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.fork_server", str(its.fileno())],
                    cwd=ROOT,
                    # Threads of numpy would be lost.
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    # Ctrl-C ends the tests, and with them this.
                    start_new_session=True,
                )
            self._server = ours, server
        return self._server[0]


forks = Forks()
atexit.register(forks.stop)
