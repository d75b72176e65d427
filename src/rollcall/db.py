"""The database engine, the base of all tables, and the request's session."""

from __future__ import annotations

import select
import time
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, Uuid, event, func, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from rollcall.config import Settings

# After this long unused, whatever stands between here and the database may have forgotten us.
PING_AFTER_SECONDS = 30.0
NAMING_CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


# Every table has the team first in its primary key, so that the database itself keeps teams
# apart and the tables can be distributed by team.
TeamId = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True)]
# Time-ordered, so that newest-first lists page by key without a sort.
Id = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))]
Timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


def create_engine(settings: Settings) -> AsyncEngine:
    """Return the pooled engine of one process."""
    engine = create_async_engine(
        settings.sqlalchemy_url,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_pool_size,
        # The connections that are used are few, and have their statements prepared.
        pool_use_lifo=True,
        # People's data must not reach the log with an error.
        hide_parameters=True,
        connect_args={"application_name": "rollcall-api", "connect_timeout": 10},
    )
    _replace_lost_connections(engine)
    return engine


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
        unused = time.monotonic() - record.info.get("used", time.monotonic())
        if unused < PING_AFTER_SECONDS and not _has_news(record.driver_connection):
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


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield the request's session and commit when the endpoint returns.

    The dependency has function scope: the commit happens before the response is sent, so that
    a client that was told "created" can rely on it. A GET goes on with the session that has found
    its team.
    """
    if request.method == "GET":
        reading: AsyncSession = request.state.reading
        yield reading
        return
    sessionmaker: async_sessionmaker[AsyncSession] = request.app.state.sessionmaker
    async with sessionmaker() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
