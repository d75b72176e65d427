"""PostgreSQL and Redis from wheels, under one data directory: for `dev`, `services` and the tests.

Both listen on the loopback interface only, on free ports, and ask for a password. What they store
is kept between runs. As root they run as an ordinary user, since PostgreSQL refuses to be root.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rollcall.embedded.accounts import account_for, let_in, make_directory, write_private
from rollcall.embedded.postgres import Postgres
from rollcall.embedded.redis import Redis
from rollcall.embedded.server import EmbeddedError

__all__ = ["EmbeddedError", "EmbeddedServices"]


class EmbeddedServices:
    """PostgreSQL, Redis and a folder for uploads; a context manager that starts and stops them.

    Args:
        data_dir: everything is kept under it; it is made when it is not there.
        for_tests: faster, and not durable.
    """

    def __init__(self, data_dir: Path, *, for_tests: bool = False) -> None:
        self._data_dir = data_dir.resolve()
        self._for_tests = for_tests
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start both; whatever was started is stopped again when something fails.

        Raises:
            EmbeddedError: a server does not start, or the directory is in use.
        """
        with ExitStack() as stack:
            # As root, the user that the servers run as has to pass through it.
            make_directory(self._data_dir, mode=0o711 if os.geteuid() == 0 else 0o700)
            stack.enter_context(_lock(self._data_dir / "lock"))
            account = account_for(self._data_dir / "postgres")
            let_in(account, self._data_dir / "postgres")
            secret = _secret(self._data_dir / "secret")
            self._postgres = Postgres(self._data_dir, account, secret, for_tests=self._for_tests)
            self._redis = Redis(self._data_dir, account, secret, for_tests=self._for_tests)
            stack.callback(self._postgres.stop)
            self._postgres.start()
            stack.callback(self._redis.stop)
            self._redis.start()
            make_directory(self._data_dir / "uploads", mode=0o700)
            self._cleanup = stack.pop_all()

    def stop(self) -> None:
        """Stop Redis, then PostgreSQL; both write down what they hold."""
        self._cleanup.close()

    @property
    def database_url(self) -> str:
        """`postgresql://…` of an own database; its user may create others."""
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        return self._redis.url

    @property
    def storage_url(self) -> str:
        return (self._data_dir / "uploads").as_uri()

    def environment(self) -> dict[str, str]:
        """Return the settings that point Rollcall here."""
        return {
            "ROLLCALL_DATABASE_URL": self.database_url,
            "ROLLCALL_REDIS_URL": self.redis_url,
            "ROLLCALL_STORAGE_URL": self.storage_url,
        }

    def check(self) -> None:
        """Raise an EmbeddedError when one of the servers has ended by itself."""
        self._postgres.check()
        self._redis.check()

    def keep_running(self) -> None:
        """Start a server again that has ended by itself; to be called again and again.

        Its address stays. Each may end three times within a minute.

        Raises:
            EmbeddedError: one has ended more often, or is not ready in time.
        """
        self._postgres.keep_running()
        self._redis.keep_running()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, so that two never run on the same data."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                f"{path.parent} is in use by another Rollcall; stop it or give another --data-dir."
            )
            raise EmbeddedError(message) from None
        yield


def _secret(path: Path) -> str:
    """Return the password of both servers, made at the first start."""
    if not path.exists():
        write_private(path, secrets.token_hex(24))
    return path.read_text()
