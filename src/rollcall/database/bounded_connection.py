"""Connections of the API, on which nothing waits for the database without end.

The server's own timeouts need a server that runs. One that is frozen, or behind a network that
swallows what it is sent, goes on to acknowledge packets or says nothing at all; that its time is
over, only this side can tell. Such a connection is closed and never asked for anything more, not
even to cancel or to roll back, because to ask takes as long again.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async

from rollcall.database.connections import parameters
from rollcall.database.deadlines import waiting

# A database that has kept silence is asked for a connection first, by one for all, for this share
# of the time that a request may wait for it: whoever comes during one probe waits for the next.
PROBE_SHARE = 1 / 3
# Of the time that a request may wait for the database. A server that runs has ended any statement
# by itself by then.
STATEMENT_SHARE = 2 / 3
# How often the driver looks at a socket by itself.
INTERVAL_SECONDS = 0.1

Result = TypeVar("Result")


class DatabaseSilent(psycopg.OperationalError):
    """The database has not answered in time; the connection is closed."""

    def __init__(self) -> None:
        super().__init__("the database does not answer")


class BoundedConnection(AsyncConnection[Any]):
    """A connection that is closed when it keeps somebody waiting for too long."""

    connector: Connector

    async def wait(
        self,
        gen: PQGen[Result],
        interval: float = INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109  (the driver's)
    ) -> Result:
        """Do what the driver wants of the server.

        Raises:
            DatabaseSilent: it took longer than it may.
        """
        most = self.connector.seconds if timeout is None else timeout
        with waiting(most) as seconds, self.connector.asking():
            try:
                async with asyncio.timeout(seconds):
                    return await wait_async(gen, self.pgconn.socket, interval=interval)
            except TimeoutError:
                self.pgconn.finish()
                if seconds > 0:
                    self.connector.doubt()
                raise DatabaseSilent from None
            except asyncio.CancelledError:
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.pgconn.finish()
                raise


class Connector:
    """Makes connections to one database, and knows whether it may be silent.

    Args:
        dsn: the database's address.
        name: what the database calls the sessions.
        limits: settings of the sessions.
        seconds: how long one statement, or one connection, is waited for at most.
    """

    def __init__(self, dsn: str, name: str, limits: dict[str, str], seconds: float):
        self._dsn = dsn
        self._parameters = parameters(dsn, name, limits)
        self.seconds = seconds
        self._asking = 0
        self._answered = 0.0
        self._is_doubtful = False
        self._probe: asyncio.Task[None] | None = None

    async def connect(self, context: Any = None) -> BoundedConnection:
        """Return a new connection; `context` is the driver's, of types and their adapters.

        Raises:
            psycopg.OperationalError: there is none to be had.
        """
        with waiting(self.seconds) as seconds, self.asking():
            try:
                async with asyncio.timeout(seconds):
                    await self._overcome_doubts()
                    connection = await BoundedConnection.connect(
                        self._dsn, context=context, **self._parameters
                    )
            except (TimeoutError, psycopg.errors.ConnectionTimeout):
                if seconds > 0:
                    self.doubt()
                raise DatabaseSilent from None
        connection.connector = self
        return connection

    @property
    def is_silent(self) -> bool:
        """Whether nobody who asks is answered, for longer than a server that runs takes."""
        if self._is_doubtful:
            return True
        silence = time.monotonic() - self._answered
        return self._asking > 0 and silence > self.seconds * STATEMENT_SHARE

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count this block as asking the database for something, and its end as an answer."""
        if self._asking == 0:
            self._answered = time.monotonic()
        self._asking += 1
        try:
            yield
            self._answered = time.monotonic()
        except DatabaseSilent:
            raise
        except psycopg.Error:
            self._answered = time.monotonic()
            raise
        finally:
            self._asking -= 1

    def doubt(self) -> None:
        """Have the database probed before anybody asks it for another connection."""
        self._is_doubtful = True
        if self._probe is None or self._probe.done():
            # In a context of its own: neither the budget nor the log of a request is meant.
            self._probe = asyncio.create_task(self._try(), context=contextvars.Context())

    async def _overcome_doubts(self) -> None:
        """Return if the database may be asked; while it is probed, wait for the result.

        So that not everybody who comes while it is silent waits until his time is over, and that
        what it finds when it wakes up is not a heap of connections that nobody wants any more. A
        probe that had begun before says nothing of now when it fails.
        """
        if self._is_doubtful and self._probe is not None and not self._probe.done():
            await asyncio.wait([self._probe])
        if self._is_doubtful:
            self.doubt()
            assert self._probe is not None
            await asyncio.wait([self._probe])
        if self._is_doubtful:
            raise DatabaseSilent

    async def _try(self) -> None:
        try:
            async with asyncio.timeout(self.seconds * PROBE_SHARE):
                connection = await AsyncConnection.connect(self._dsn, **self._parameters)
            await connection.close()
        except (TimeoutError, psycopg.errors.ConnectionTimeout):
            return
        except psycopg.Error:
            # Whatever it refuses, it is not silent.
            pass
        self._is_doubtful = False
