"""A PostgreSQL that loses nothing when it crashes, and a disk of its own for uploads."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from rollcall.embedded.accounts import account_for, let_in
from rollcall.embedded.postgres import Postgres

ENDING_SECONDS = 120.0
# What a full disk has left: less than any file that is sent.
LEFT_BYTES = 8192


class Database:
    """The server, as durable as in production; it may get another port with each start."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700)
        account = account_for(folder / "postgres")
        let_in(account, folder / "postgres")
        self._server = Postgres(folder, account, secrets.token_hex(24), for_tests=False)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._server.port

    @property
    def process(self) -> psutil.Process:
        """The server's main process; the sessions are its children."""
        pid_file = self._server.directory / "postmaster.pid"
        return psutil.Process(int(pid_file.read_text().split()[0]))

    def start(self) -> None:
        """Start it, whatever is left of it; only from the main thread, with which it ends."""
        self._server.start()
        with self.connect() as connection:
            # What sessions leave that are killed is removed in passing: soon, and not in a minute.
            connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
            connection.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """End it as an orchestrator would: it writes down what it has."""
        self._server.stop()

    def crash(self) -> None:
        """End all of its processes as a loss of power would."""
        server = self.process
        server.suspend()
        processes = [server, *server.children()]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=ENDING_SECONDS)
        # Nothing is left to be stopped, which is to be known.
        self._server.stop()

    def connect(self) -> psycopg.Connection[Any]:
        """Connect past the network that can fail."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)


class NoDisk(Exception):
    """This machine does not let us mount a file system."""


@dataclass
class Disk:
    """A file system of its own, whose size can be changed."""

    folder: Path

    def mount(self) -> None:
        """Make the folder one; raise NoDisk where that is not permitted."""
        self.folder.mkdir(exist_ok=True)
        try:
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=50%,mode=0700", "tmpfs", self.folder],
                capture_output=True,
                check=False,
                text=True,
            )
        except FileNotFoundError as error:
            raise NoDisk(str(error)) from error
        if done.returncode:
            raise NoDisk(done.stderr.strip())

    def fill(self) -> None:
        """Leave as good as nothing free."""
        found = os.statvfs(self.folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._resize(str(used + LEFT_BYTES))

    def enlarge(self) -> None:
        """Leave enough free again."""
        self._resize("50%")

    def unmount(self) -> None:
        """Let go of it, and of all that it has."""
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def _resize(self, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=True)
