"""The database engine, the base of all tables, and the request's session."""

from __future__ import annotations

import math
import select
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.queue import AsyncAdaptedQueue

from rollcall.config import Settings
from rollcall.database.bounded_connection import STATEMENT_SHARE, Connector, DatabaseSilent
from rollcall.database.deadlines import waiting
from rollcall.metrics.catalogue import POOL_CONNECTIONS, POOL_EXHAUSTED, POOL_LIMIT

# After this long unused, whatever stands between here and the database may have forgotten us.
PING_AFTER_SECONDS = 30.0
# Of the time that a request may wait for the database.
LOCK_SHARE = 1 / 2
IDLE_IN_TRANSACTION_SECONDS = 30


class _Waiters(AsyncAdaptedQueue[ConnectionPoolEntry]):
    """The free connections of a pool; to wait for one is to wait for the database."""

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:
        with waiting(math.inf if timeout is None else timeout) as seconds:
            return super().get(block, seconds)


class _Pool(AsyncAdaptedQueuePool):
    """A pool in which whoever waits in vain is told why: all is in use, or nothing answers."""

    _queue_class = _Waiters
    connector: Connector

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            return super()._do_get()
        except NoConnectionFree:
            # Those who have the connections wait for an answer, and may have begun a moment later.
            if self.connector.is_silent:
                raise DatabaseSilent from None
            POOL_EXHAUSTED.add()
            raise

    def recreate(self) -> _Pool:
        pool = super().recreate()
        assert isinstance(pool, _Pool)
        pool.connector = self.connector
        return pool


def create_engine(settings: Settings, connector: Connector | None = None) -> AsyncEngine:
    """Return the pooled engine of one process; `connector` is one that is used elsewhere too."""
    connector = connector or create_connector(settings)
    engine = create_async_engine(
        settings.sqlalchemy_url,
        poolclass=_Pool,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_pool_size,
        pool_timeout=settings.db_timeout_seconds,
        # The connections that are used are few, and have their statements prepared.
        pool_use_lifo=True,
        # People's data must not reach the log with an error.
        hide_parameters=True,
        connect_args={
            "async_creator_fn": lambda *, context, **address: connector.connect(context),
        },
    )
    pool = engine.sync_engine.pool
    assert isinstance(pool, _Pool)
    pool.connector = connector
    _replace_lost_connections(engine)
    _count_connections(pool, 2 * settings.db_pool_size)
    return engine


def _count_connections(pool: _Pool, limit: int) -> None:
    """Tell again how many connections are in use whenever that changes."""

    def tell(*, given_back: int) -> None:
        in_use = pool.checkedout() - given_back
        POOL_CONNECTIONS.set(in_use, state="in_use")
        POOL_CONNECTIONS.set(in_use + pool.checkedin() + given_back, state="open")
        POOL_LIMIT.set(limit)

    event.listen(pool, "checkout", lambda *_: tell(given_back=0))
    # It is told of before it is done.
    event.listen(pool, "checkin", lambda *_: tell(given_back=1))


def create_connector(settings: Settings) -> Connector:
    """Return what makes the connections of one process of the API.

    A server that runs answers before this side gives up: what waits for a lock is told so, and
    nothing goes on for long for which nobody waits any more.
    """
    seconds = settings.db_timeout_seconds
    limits = {
        "lock_timeout": _milliseconds(seconds * LOCK_SHARE),
        "statement_timeout": _milliseconds(seconds * STATEMENT_SHARE),
        # A process that hangs must not keep others from what it has locked.
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    }
    return Connector(settings.psycopg_dsn, "rollcall-api", limits, seconds)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def _replace_lost_connections(engine: AsyncEngine) -> None:
    """Have connections looked at before they are used, as `pool_pre_ping` does.

    That one asks the database each time, which takes longer than most of our queries. What has
    happened to a connection that nobody used can be read from its socket: nothing comes from a
    server that was not asked, unless it says good-bye.
    """
    dialect = engine.sync_engine.dialect
    pool = engine.sync_engine.pool

    def note_use(connection: DBAPIConnection, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def check(connection: DBAPIConnection, record: Any, proxy: object) -> None:
        used = record.info.get("used")
        if used is None:
            # One that has just been made. If it is lost already, the next one would be too.
            return
        if time.monotonic() - used < PING_AFTER_SECONDS and not _has_news(record.driver_connection):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", note_use)
    event.listen(pool, "checkout", check)


def _has_news(connection: Any) -> bool:
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def create_sessionmaker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory of sessions; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def create_reading_sessionmaker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory of sessions that only read, on the same connections.

    Each statement is a transaction by itself and sees what is committed when it begins, as it
    would within a transaction of the level that all have; but a transaction would begin and end
    with a round trip each.
    """
    reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    return async_sessionmaker(reading, expire_on_commit=False)
