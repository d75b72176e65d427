"""Tells the storage that belongs to the database from an empty folder, or another bucket.

A volume that is not mounted looks like a storage from which all files are gone. So the storage has
a marker, and the database knows which (table `operations.storage`, of one row, which belongs to no
team). While the marker is not there, nothing is read, stored or made in the storage.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import psycopg
import structlog

from rollcall.database.statements import load_statements
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import StorageError, StorageNotSetUp

log = structlog.get_logger(__name__)

STATEMENTS = load_statements(__package__, "guard.sql")
# How long a finding holds. A file that is not found has the storage looked at again anyway.
FRESH_SECONDS = 2.0
# Who waits longer for a look is told that the storage does not answer.
PATIENCE_SECONDS = 5.0
NO_ANSWER = "The storage does not answer."
OTHER = (
    "This is not the storage that belongs to the database: {found}. Is its volume mounted, and is"
    " ROLLCALL_STORAGE_URL right? If it was replaced on purpose, run `rollcall storage adopt`."
)
EMPTY = (
    "The storage is empty, and the database has imports that wait for their files. Is its volume"
    " mounted, and is ROLLCALL_STORAGE_URL right? If it is empty on purpose, run `rollcall storage"
    " adopt`."
)
NO_RIGHTS = (
    "The database does not tell its role {role} which storage is the right one: {refusal}. The role"
    " needs USAGE on the schema operations, and SELECT, INSERT, UPDATE and DELETE on the tables of"
    " this schema and of the schema public."
)

Connect = Callable[[], psycopg.Connection[Any]]


class OtherStorage(StorageNotSetUp):
    """The storage for uploaded files is not the right one. Somebody who runs this has to look."""


class StorageGuard:
    """Looks at the storage for all threads of a process: one look at a time, however many ask.

    The first look that any process has at the storage of a new database marks it.
    """

    def __init__(self, storage: Storage, connect: Connect):
        self._storage = storage
        self._connect = connect
        self._lock = threading.Lock()
        self._look: Future[StorageError | None] | None = None
        self._looked_at = 0.0
        self._known: uuid.UUID | None = None
        self._logged: str | None = None

    def find_problem(self, max_age: float = FRESH_SECONDS) -> str | None:
        """Return what is wrong with the storage in a sentence, or None when nothing is.

        Args:
            max_age: how many seconds old the finding may be.
        """
        try:
            problem = self._newest_look(max_age).result(PATIENCE_SECONDS)
        except TimeoutError:
            problem = StorageError(NO_ANSWER)
        self._log_change(problem)
        return problem.reason if problem else None

    async def require(self) -> None:
        """Go on only when the storage is the right one, now.

        Raises:
            StorageNotSetUp: it is not, or nobody can tell before somebody has looked to it.
            StorageError: it cannot be reached, or does not answer.
        """
        look = asyncio.wrap_future(self._newest_look(0))
        done, _ = await asyncio.wait([look], timeout=PATIENCE_SECONDS)
        problem = look.result() if done else StorageError(NO_ANSWER)
        self._log_change(problem)
        if problem:
            raise type(problem)(problem.reason)

    def _newest_look(self, max_age: float) -> Future[StorageError | None]:
        with self._lock:
            is_fresh = time.monotonic() - self._looked_at < max_age
            # One that does not end is waited for by all, so that there is never a second.
            if self._look is None or (self._look.done() and not is_fresh):
                self._look = Future()
                threading.Thread(
                    target=self._run, args=(self._look,), name="storage-look", daemon=True
                ).start()
            return self._look

    def _run(self, look: Future[StorageError | None]) -> None:
        problem: StorageError | None = None
        try:
            self._find_problem()
        except StorageError as error:
            problem = error
        except Exception as error:
            log.exception("storage cannot be looked at")
            problem = StorageError(f"The storage cannot be looked at: {type(error).__name__}.")
        self._looked_at = time.monotonic()
        look.set_result(problem)

    def _find_problem(self) -> None:
        if self._known and self._storage.has_marker(self._known):
            return
        try:
            with (
                self._connect() as connection,
                _rights_needed(connection),
                connection.transaction(),
            ):
                self._compare(connection)
        except psycopg.Error as error:
            # A database that is away is no fault of the storage, and is told of elsewhere.
            self._storage.markers()
            if self._known:
                raise OtherStorage(OTHER.format(found="its marker is missing")) from error

    def _compare(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(STATEMENTS["lock"])
        self._known = _read(connection)
        if self._known is None:
            if self._storage.is_empty() and _has_unfinished_imports(connection):
                raise OtherStorage(EMPTY)
            self._known = adopt(connection, self._storage)
        elif not self._storage.has_marker(self._known):
            others = self._storage.markers()
            found = "it has the marker of another" if others else "its marker is missing"
            raise OtherStorage(OTHER.format(found=found))

    def _log_change(self, problem: StorageError | None) -> None:
        reason = problem.reason if problem else None
        with self._lock:
            if reason == self._logged:
                return
            self._logged = reason
        if reason:
            log.error("storage cannot be used", reason=reason)
        else:
            log.info("storage can be used again")


@contextlib.contextmanager
def _rights_needed(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Say what a role has to be granted, in the place of the database's refusal.

    Raises:
        StorageNotSetUp: the role lacks a right.
    """
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        refusal = error.diag.message_primary
        reason = NO_RIGHTS.format(role=connection.info.user, refusal=refusal)
        raise StorageNotSetUp(reason) from error


def adopt(connection: psycopg.Connection[Any], storage: Storage) -> uuid.UUID:
    """Make the storage the one that belongs to the database; mark it, if it has no marker yet.

    Returns:
        The marker's id.

    Raises:
        StorageError: it cannot be reached, or cannot be written to.
    """
    known = _read(connection)
    there = storage.markers()
    if known in there:
        return known
    marker = there[0] if there else (known or uuid.uuid4())
    if not there:
        storage.put_marker(marker)
    connection.execute(STATEMENTS["write"], {"marker": marker})
    return marker


def known_marker(connection: psycopg.Connection[Any]) -> uuid.UUID | None:
    """Return the marker of the database's storage; None before the first start."""
    return _read(connection)


def _read(connection: psycopg.Connection[Any]) -> uuid.UUID | None:
    row = connection.execute(STATEMENTS["read"]).fetchone()
    return None if row is None else row[0]


def _has_unfinished_imports(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute(STATEMENTS["has_unfinished_imports"]).fetchone()
    return row is not None and bool(row[0])
