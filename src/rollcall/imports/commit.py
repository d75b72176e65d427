"""Step 4a: batches → committed transactions, by several connections in the order of the file.

A connection keeps one of the server's cores busy at most. So while one commits a batch, another
is at work on the batch after it: on all contacts that no earlier batch of the file has, which are
no concern of the batches before. What they may have touched, and the commit, wait for them.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field

import psycopg
import structlog

from rollcall.imports import queue, report
from rollcall.imports.batch import Batch
from rollcall.imports.merge import Connection, Merger, Rehearsal
from rollcall.imports.queue import Lease
from rollcall.imports.read_ahead import ReadAhead, as_exception
from rollcall.imports.way import Way

log = structlog.get_logger(__name__)

MAX_REPEATS = 20
# A batch that waits longer for those before it gives up its locks, in case they wait for these. The
# server ends a session that waits for as long as a lease.
WAIT_WITH_LOCKS = 2.0

NumberedBatch = tuple[int, Batch]
Connect = Callable[[], Connection]


class OutOfTurn(Exception):
    """The batches before this one are not committed yet."""


class BrokenOff(Exception):
    """A batch before this one has failed."""


class Order:
    """Whose turn it is to commit; batches are numbered from 0."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next = 0
        self._failed = math.inf

    def wait(self, number: int, timeout: float | None = None) -> None:
        """Return when all batches before a number are committed.

        Raises:
            OutOfTurn: that took longer than `timeout` seconds.
            BrokenOff: it will not happen.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._next >= number or self._failed < number, timeout)
            if self._failed < number:
                raise BrokenOff
            if self._next < number:
                raise OutOfTurn

    def end(self, number: int) -> None:
        """Let the next batch commit."""
        with self._condition:
            self._next = number + 1
            self._condition.notify_all()

    def break_off(self, number: int) -> None:
        """Have those that wait for a batch that failed wait no longer."""
        with self._condition:
            self._failed = min(self._failed, number)
            self._condition.notify_all()


@dataclass(kw_only=True)
class Committers:
    """Threads that commit the batches of one run.

    Args:
        lease: of the import.
        way: of its contacts into the database.
        batches: numbered from 0.
        is_over: tells by a connection whether the run is to end after the batch just committed.
        rehearsal: what a dry run does besides; then there is one connection only.
    """

    lease: Lease
    way: Way
    batches: ReadAhead[NumberedBatch]
    is_over: Callable[[Connection], bool]
    rehearsal: Rehearsal | None = None
    _order: Order = field(default_factory=Order)
    _errors: list[Exception] = field(default_factory=list)
    _is_complete: bool | None = None

    def run(self, connection: Connection, more: Sequence[Connect]) -> bool | None:
        """Commit batches by this connection, and by more of them if there is more than one batch.

        Returns:
            Whether the import is completed rather than cancelled, or None when it is not over.

        Raises:
            queue.LeaseLost: the import has another owner, or is over.
            queue.Cancelled: it is ours to end.
            Exception: whatever went wrong first.
        """
        helpers = [
            # Each has the log's context of this thread, in a copy of its own.
            threading.Thread(target=copy_context().run, args=(self._help, connect))
            for connect in more
        ]
        self._work(connection, helpers)
        for thread in helpers:
            if thread.is_alive():
                thread.join()
        if self._errors:
            raise self._errors[0]
        return self._is_complete

    def _help(self, connect: Connect) -> None:
        try:
            connection = connect()
        except psycopg.OperationalError as error:
            log.warning("import goes on with one connection less", reason=str(error))
            return
        with connection:
            self._work(connection)

    def _work(self, connection: Connection, helpers: Sequence[threading.Thread] = ()) -> None:
        try:
            merger = Merger(connection, self.way, self.rehearsal)
            while taken := self._take(connection):
                number, batch = taken
                if not batch.is_last:
                    for thread in helpers:
                        thread.start()
                helpers = ()
                self._commit(connection, merger, number, batch)
                if batch.is_last or self.is_over(connection):
                    self.batches.stop()
                # Let go of it while the next one is waited for.
                del taken, batch
        except BrokenOff:
            return
        except BaseException as error:  # noqa: BLE001  (raised where all threads are waited for)
            self._errors.append(as_exception(error))
            self.batches.stop()

    def _take(self, connection: Connection) -> NumberedBatch | None:
        return self.batches.take(lambda: queue.renew(connection, self.lease))

    def _commit(self, connection: Connection, merger: Merger, number: int, batch: Batch) -> None:
        try:
            self._is_complete = self._repeat(connection, merger, number, batch)
        except BaseException:
            self._order.break_off(number)
            raise
        self._order.end(number)

    def _repeat(
        self, connection: Connection, merger: Merger, number: int, batch: Batch
    ) -> bool | None:
        """Commit one batch: its contacts, memberships, failed rows, counts and position.

        A contact that somebody else creates at the same moment makes the batch fail as a whole.
        It is repeated then, and finds that contact stored.
        """
        repeats = 0
        while True:
            try:
                with connection.transaction():
                    return self._merge(connection, merger, number, batch)
            except OutOfTurn:
                self._order.wait(number)
            except (
                psycopg.errors.UniqueViolation,
                psycopg.errors.DeadlockDetected,
                psycopg.errors.SerializationFailure,
            ) as error:
                repeats += 1
                if repeats == MAX_REPEATS:
                    raise
                log.info("batch repeated", reason=type(error).__name__)
                time.sleep(random.uniform(0, 0.05 * repeats))  # noqa: S311  (only spreads retries)

    def _merge(
        self, connection: Connection, merger: Merger, number: int, batch: Batch
    ) -> bool | None:
        queue.hold(connection, self.lease)
        patience = min(WAIT_WITH_LOCKS, self.lease.seconds / 3)
        counts = merger.merge(batch, lambda: self._order.wait(number, patience))
        report.record_batch(connection, self.lease, counts, batch)
        return report.complete(connection, self.lease) if batch.is_last else None
