"""Giving an import back to the queue, whatever has become of the connection that worked on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import psycopg
import structlog

from rollcall.database.connections import Connect, Connection
from rollcall.imports.kinds import ErrorCode
from rollcall.imports.running import leases, sessions
from rollcall.imports.running.leases import Lease
from rollcall.storage.stored_file import StorageError

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
# The server is shut down or has crashed, is starting, or somebody has ended the session; without
# a code, it is the connection itself that is lost.
LOST = ("57P01", "57P02", "57P03")
# What the server ends because it takes too long is no OperationalError.
OPERATIONAL_ERRORS = (
    psycopg.OperationalError,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
RETRY_PAUSE = 5.0
# A connection that is lost says nothing about the next one.
LOST_PAUSE = 0.5
Result = TypeVar("Result")


def give_back_for(
    error: Exception, connection: Connection | None, connect: Connect, lease: Lease
) -> None:
    """Let an import be tried again, after a moment and longer and longer pauses if need be.

    Args:
        error: why it does not go on now.
        connection: the one that it was claimed with.
        connect: makes another one.
        lease: of the import.
    """
    pause = LOST_PAUSE if is_connection_lost(error) else RETRY_PAUSE
    code = _code_of(error)
    release = partial(leases.release, pause=pause, forgive=False, error_code=code)
    seconds = give_back(connection, connect, lease, release)
    # What a database says may have people's data in it.
    reason = error.reason if isinstance(error, StorageError) else type(error).__name__
    log.warning("import has to wait", reason=reason, code=code, seconds=seconds)


def _code_of(error: Exception) -> ErrorCode:
    if isinstance(error, StorageError):
        return ErrorCode.STORAGE_ERROR
    is_database = isinstance(error, OPERATIONAL_ERRORS)
    return ErrorCode.DATABASE_ERROR if is_database else ErrorCode.INTERNAL_ERROR


def give_back(
    connection: Connection | None,
    connect: Connect,
    lease: Lease,
    release: Callable[[Connection, Lease], Result],
) -> Result | None:
    """Call `release` for the lease with a connection on which it succeeds, a new one if need be.

    What other sessions still do for the lease is ended before, as their client may be lost too.
    While the database is away this is tried again, for as long as the lease lasts.

    Returns:
        What `release` returns; None when the lease has ended before it succeeded.
    """
    deadline = time.monotonic() + lease.seconds
    pause = FIRST_PAUSE
    while True:
        try:
            with _usable(connection, connect) as usable:
                sessions.end_others(usable, lease)
                return release(usable, lease)
        except psycopg.OperationalError as error:
            if time.monotonic() + pause > deadline:
                log.warning("import not given back", reason=str(error).strip())
                return None
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def _usable(connection: Connection | None, connect: Connect) -> Iterator[Connection]:
    if connection is not None and not connection.closed:
        yield connection
        return
    with connect() as new:
        yield new


def is_connection_lost(error: Exception) -> bool:
    """Tell whether an error is about the connection, and not about what was asked for."""
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate in LOST or error.sqlstate.startswith("08")
    )
