"""The runs of this process, and what they work with, for those who have to see to them."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rollcall.database.connections import Connection
from rollcall.database.worker_connection import inode_of, shut_down
from rollcall.imports.running.leases import Lease


@dataclass(eq=False, kw_only=True)
class RunAtWork:
    """One run.

    Attributes:
        lease: what it works under.
        keeps_lease: whether this process renews the lease; if not, its child does.
        child: the process in which the import is tried alone, if it is.
        is_child_killed: whether it was ended by this process.
        ending_since: when somebody first wanted that it end, by the monotonic clock.
        is_overdue: whether what it does in the database is cancelled for that.
    """

    lease: Lease
    keeps_lease: bool = True
    child: subprocess.Popen[bytes] | None = None
    is_child_killed: bool = False
    ending_since: float | None = None
    is_overdue: bool = False
    _inodes: dict[Connection, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def using(self, connection: Connection) -> Iterator[None]:
        """Have the connection broken off when its path to the database is dead."""
        inode = inode_of(connection)
        with self._lock:
            self._inodes[connection] = inode
        try:
            yield
        finally:
            with self._lock:
                del self._inodes[connection]

    def uses(self, connection: Connection) -> bool:
        """Tell whether a connection is one that would be broken off with the run."""
        with self._lock:
            return connection in self._inodes

    def break_off(self) -> None:
        """Wake every thread that waits for an answer of the database: there will be none."""
        with self._lock:
            for connection, inode in self._inodes.items():
                shut_down(connection, inode)

    def kill_child(self) -> None:
        """End the process in which the import is tried alone, if it has not ended by itself."""
        if self.child is not None and self.child.poll() is None:
            self.is_child_killed = True
            self.child.kill()

    def wants_end(self) -> float:
        """Note that the run is to end; return for how many seconds that has been so."""
        now = time.monotonic()
        self.ending_since = self.ending_since or now
        return now - self.ending_since


@dataclass
class AtWork:
    """The runs at work in this process; a new one can be added by any thread.

    `alone` is held while an import is tried alone. It is one at a time: when memory runs out, the
    process that the system ends need not be that of the import which has taken it all.
    """

    alone: threading.Lock = field(default_factory=threading.Lock)
    _runs: list[RunAtWork] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def run(self, lease: Lease) -> Iterator[RunAtWork]:
        """Have a run known while the context lasts."""
        run = RunAtWork(lease=lease)
        with self._lock:
            self._runs.append(run)
        try:
            yield run
        finally:
            with self._lock:
                self._runs.remove(run)

    def all(self) -> list[RunAtWork]:
        """Return the runs at this moment."""
        with self._lock:
            return list(self._runs)
