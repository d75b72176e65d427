"""Connections of a worker, which its other threads can see wait for the database, and break off.

What stands between may acknowledge all that it is sent and pass nothing on, as a proxy does whose
own path is dead. The kernel has nothing to complain about then, and a thread that waits for an
answer waits for ever.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
from psycopg.abc import PQGen

# By what the server calls itself: what a pooler calls a session is known to nobody else.
SESSION = "SELECT pid, backend_start FROM pg_stat_get_activity(pg_backend_pid())"

Result = TypeVar("Result")


class WorkerConnection(psycopg.Connection[Any]):
    """A connection that is known to the whole process while it is open.

    Attributes:
        waiting_since: since when its thread is inside the driver and waits for the server, be it to
            take something or to answer, by the monotonic clock; None while it does not.
        session: the server's process and when that began, as in `pg_stat_activity`.
    """

    waiting_since: float | None = None
    session: tuple[int, datetime] | None = None
    _inode = 0

    def make_known(self) -> None:
        """Have the connection be one of `open_connections`."""
        self._inode = inode_of(self)
        with _lock:
            _known.add(self)
        self.session = self.execute(SESSION).fetchone()

    def wait(self, gen: PQGen[Result], *arguments: Any, **options: Any) -> Result:
        """Do what the driver wants of the server; how else it is to wait is the driver's to say."""
        self.waiting_since = time.monotonic()
        try:
            return super().wait(gen, *arguments, **options)
        finally:
            self.waiting_since = None

    def waits(self) -> float:
        """Return for how many seconds the connection's thread has waited by now."""
        since = self.waiting_since
        return 0.0 if since is None else time.monotonic() - since

    def break_off(self) -> None:
        """End the connection for the thread that waits, which is told that it is lost."""
        shut_down(self, self._inode)


def inode_of(connection: psycopg.Connection[Any]) -> int:
    """Return what tells a connection's socket from all others of this process."""
    return os.fstat(connection.fileno()).st_ino


def shut_down(connection: psycopg.Connection[Any], inode: int) -> None:
    """End the socket of a connection, in whatever thread that is used.

    Args:
        connection: it may have been closed meanwhile, and be closed at this moment.
        inode: that of its socket when it was open.
    """
    # There is nothing to end if it is closed already.
    with (
        suppress(OSError, psycopg.OperationalError),
        socket.socket(fileno=os.dup(connection.fileno())) as handle,
    ):
        # Closed at this moment, its number may be that of another socket by now.
        if os.fstat(handle.fileno()).st_ino == inode:
            handle.shutdown(socket.SHUT_RDWR)


ConnectWorker = Callable[[], WorkerConnection]

_known: WeakSet[WorkerConnection] = WeakSet()
_lock = threading.Lock()


def open_connections() -> list[WorkerConnection]:
    """Return the connections of this process at this moment."""
    with _lock:
        return [connection for connection in _known if not connection.closed]
