"""Which errors mean that something is away for a while, and are no fault of this program."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from rollcall.errors import ServiceUnavailable
from rollcall.storage.stored_file import StorageError

# Of the database's SQLSTATEs, those that say nothing about the statement itself. By their class:
# connection lost; transaction rolled back for another one's sake; insufficient resources; operator
# intervention, also time limits; an error of the system.
PASSING_CLASSES = ("08", "40", "53", "57", "58")
PASSING_STATES = {
    "25006",  # Read-only: a standby, or a server that is just taken out of service.
    "25P03",  # The session was idle in a transaction for too long.
    "25P04",  # The transaction took too long.
    "55P03",  # A lock is not to be had.
}


def unavailability(error: BaseException | None) -> str | None:
    """Return in a few words what is away, None if this is no error of that kind.

    Nothing of a statement or of its parameters is in these words.
    """
    if isinstance(error, RuntimeError) and error.__cause__ is not None:
        # The framework's, around an error that came too late for an answer of its own.
        error = error.__cause__
    if isinstance(error, ServiceUnavailable | StorageError):
        return error.reason
    if isinstance(error, NoConnectionFree):
        return "database: no connection was free in time"
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig)
    return _of_driver(error)


def log_failure(log: Any, event: str, error: Exception, **fields: object) -> None:
    """Log an error: in a line of its own if something is away, else with a traceback."""
    reason = unavailability(error)
    if reason is None:
        log.error(event, **fields, exc_info=error)
    else:
        log.warning(event, **fields, reason=reason)


def _of_driver(error: BaseException | None) -> str | None:
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state is None:
        is_passing = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    else:
        is_passing = state.startswith(PASSING_CLASSES) or state in PASSING_STATES
    if not is_passing:
        return None
    words = error.diag.message_primary or str(error).partition("\n")[0]
    return f"database: {words}"
