"""Batches → committed transactions, by several connections in the order of the file.

A connection keeps one of the server's cores busy at most. So while one commits a batch, another
is at work on the batch after it: on all contacts that no earlier batch of the file has, which are
no concern of the batches before. What they may have touched, and the commit, wait for them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field

import psycopg
import structlog

from rollcall.database.connections import Connect, Connection
from rollcall.imports.copying.encoded import EncodedBatch
from rollcall.imports.counting import count_batch
from rollcall.imports.merging.merge import BatchCounts, Merger
from rollcall.imports.running import leases, progress, sessions
from rollcall.imports.running.at_work import RunAtWork
from rollcall.imports.running.commit_order import BrokenOff, CommitOrder, OutOfTurn
from rollcall.imports.running.leases import Lease
from rollcall.imports.running.read_ahead import ReadAhead, as_exception
from rollcall.metrics.catalogue import BATCHES_REPEATED

log = structlog.get_logger(__name__)

MAX_REPEATS = 20
# A batch that waits longer for those before it gives up its locks, in case they wait for these. The
# server ends a session that waits for as long as a lease.
WAIT_WITH_LOCKS = 2.0


@dataclass(kw_only=True)
class Committers:
    """Threads that commit the batches of one run.

    Args:
        lease: of the import.
        batches: in the order of the file.
        make_merger: makes what puts batches into the database by a connection.
        is_over: tells by a connection whether the run is to end after the batch just committed.
        while_waiting: called again and again while a batch is waited for; may raise.
        run: what is known of the run by others in this process.
        dry_run: whether nothing is stored.
    """

    lease: Lease
    batches: ReadAhead[EncodedBatch]
    make_merger: Callable[[Connection], Merger]
    is_over: Callable[[Connection], bool]
    while_waiting: Callable[[], None]
    run: RunAtWork
    dry_run: bool = False
    _order: CommitOrder = field(default_factory=CommitOrder)
    _errors: list[Exception] = field(default_factory=list)
    _is_complete: bool | None = None

    def commit_all(self, connection: Connection, more: Sequence[Connect]) -> bool | None:
        """Commit batches by this connection, and by more of them if there is more than one batch.

        Returns:
            Whether the import is completed rather than cancelled, or None when it is not over.

        Raises:
            leases.LeaseLost: the import has another owner, or is over.
            leases.Cancelled: it is ours to end.
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
            log.warning("import goes on with one connection less", reason=str(error).strip())
            return
        with connection, self.run.using(connection):
            # Without that the import is over already, and with it the work.
            if sessions.register(connection, self.lease):
                self._work(connection)

    def _work(self, connection: Connection, helpers: Sequence[threading.Thread] = ()) -> None:
        try:
            merger = self.make_merger(connection)
            while encoded := self._take(connection):
                is_last = encoded.batch.is_last
                if not is_last:
                    for thread in helpers:
                        thread.start()
                helpers = ()
                self._commit(connection, merger, encoded)
                if is_last or self.is_over(connection):
                    self.batches.stop()
                # Let go of it while the next one is waited for.
                del encoded
        except BrokenOff:
            return
        except BaseException as error:  # noqa: BLE001  (raised where all threads are waited for)
            self._errors.append(as_exception(error))
            self.batches.stop()

    def _take(self, connection: Connection) -> EncodedBatch | None:
        renewed = time.monotonic()

        def wait() -> None:
            nonlocal renewed
            if time.monotonic() - renewed > self.lease.seconds / 3:
                leases.renew(connection, self.lease)
                renewed = time.monotonic()
            self.while_waiting()

        return self.batches.take(wait)

    def _commit(self, connection: Connection, merger: Merger, encoded: EncodedBatch) -> None:
        number = encoded.batch.number
        try:
            self._is_complete = self._repeat(connection, merger, encoded)
        except BaseException:
            self._order.break_off(number)
            raise
        self._order.end(number)

    def _repeat(self, connection: Connection, merger: Merger, encoded: EncodedBatch) -> bool | None:
        """Commit one batch: its contacts, memberships, failed rows, counts and position.

        A contact that somebody else creates at the same moment makes the batch fail as a whole.
        It is repeated then, and finds that contact stored.
        """
        repeats = 0
        started = time.monotonic()
        while True:
            try:
                with connection.transaction():
                    counts, is_complete = self._merge(connection, merger, encoded)
                count_batch(counts.by_outcome(), time.monotonic() - started, dry_run=self.dry_run)
                return is_complete
            except OutOfTurn:
                self._order.wait(encoded.batch.number)
            except (
                psycopg.errors.UniqueViolation,
                psycopg.errors.DeadlockDetected,
                psycopg.errors.SerializationFailure,
            ) as error:
                repeats += 1
                if repeats == MAX_REPEATS:
                    raise
                BATCHES_REPEATED.add()
                log.info("batch repeated", reason=type(error).__name__)
                time.sleep(random.uniform(0, 0.05 * repeats))  # noqa: S311  (only spreads retries)

    def _merge(
        self, connection: Connection, merger: Merger, encoded: EncodedBatch
    ) -> tuple[BatchCounts, bool | None]:
        batch = encoded.batch
        leases.hold(connection, self.lease)
        patience = min(WAIT_WITH_LOCKS, self.lease.seconds / 3)
        counts = merger.merge(encoded, lambda: self._order.wait(batch.number, patience))
        progress.record_batch(connection, self.lease, counts, batch)
        return counts, progress.complete(connection, self.lease) if batch.is_last else None
