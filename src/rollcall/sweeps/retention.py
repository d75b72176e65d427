"""The sweep after what is kept for a time only: stored files, failed rows, ended imports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog

from rollcall.config import Settings
from rollcall.database.statements import load_statements
from rollcall.storage.objects import Storage

log = structlog.get_logger(__name__)

STATEMENTS = load_statements(__package__, "retention.sql")
FILES = 1_000
ROWS = 5_000
IMPORTS = 100
Connect = Callable[[], psycopg.Connection[Any]]


@dataclass(frozen=True, kw_only=True)
class Retention:
    """For how long after an import's end things of it are kept; None is for ever."""

    files: timedelta | None = None
    problems: timedelta | None = None
    imports: timedelta | None = None

    @classmethod
    def of(cls, settings: Settings) -> Retention:
        """Return what the settings say. Of an import that goes, all goes."""
        uploads, problems, imports = (
            timedelta(days=days) if days else None
            for days in (
                settings.keep_uploads_days,
                settings.keep_failures_days,
                settings.keep_imports_days,
            )
        )
        return cls(
            files=_shorter(uploads, imports), problems=_shorter(problems, imports), imports=imports
        )


def _shorter(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return min((each for each in (one, other) if each is not None), default=None)


async def apply_retention(connect: Connect, storage: Storage, retention: Retention) -> None:
    """Delete what is older than it is kept, in small steps, each a transaction of its own.

    What is deleted is marked before, so that nobody is promised what is about to go. A sweep that
    dies in between is made good by the next one within a day.
    """
    if retention.files is not None:
        await _delete_files(connect, storage, retention.files)
    if retention.problems is not None:
        await asyncio.to_thread(_delete_problems, connect, retention.problems)
    if retention.imports is not None:
        await asyncio.to_thread(_delete_imports, connect, retention.imports)


async def _delete_files(connect: Connect, storage: Storage, age: timedelta) -> None:
    deleted, began = 0, None
    while True:
        began, keys = await asyncio.to_thread(_mark_files, connect, age, began)
        for key in keys:
            await storage.delete(key)
        deleted += len(keys)
        if len(keys) < FILES:
            break
    if deleted:
        log.info("stored files deleted, their time is over", files=deleted)


def _mark_files(
    connect: Connect, age: timedelta, began: datetime | None
) -> tuple[datetime, set[str]]:
    with connect() as connection:
        began = began or _now(connection)
        parameters = {"age": age, "began": began, "limit": FILES}
        rows = connection.execute(STATEMENTS["mark_files"], parameters).fetchall()
        return began, {key for (key,) in rows}


def _delete_problems(connect: Connect, age: timedelta) -> None:
    with connect() as connection:
        parameters = {"age": age, "began": _now(connection)}
        marked = 0
        while row := connection.execute(STATEMENTS["mark_problems"], parameters).fetchone():
            _delete_rows(connection, row)
            marked += 1
    if marked:
        log.info("failed rows and warnings deleted, their time is over", imports=marked)


def _delete_rows(connection: psycopg.Connection[Any], key: tuple[Any, ...]) -> None:
    parameters = {"team_id": key[0], "import_id": key[1], "limit": ROWS}
    for statement in ("delete_failures", "delete_warnings"):
        while connection.execute(STATEMENTS[statement], parameters).rowcount:
            pass
    for statement in ("delete_edits", "delete_mend"):
        connection.execute(STATEMENTS[statement], parameters)


def _delete_imports(connect: Connect, age: timedelta) -> None:
    deleted = 0
    with connect() as connection:
        parameters = {"age": age, "limit": IMPORTS}
        while True:
            keys = connection.execute(STATEMENTS["find_imports"], parameters).fetchall()
            done = sum(_delete_import(connection, key) for key in keys)
            deleted += done
            # One that was retried at this moment stays.
            if not done:
                break
    if deleted:
        log.info("imports deleted, their time is over", imports=deleted)


def _delete_import(connection: psycopg.Connection[Any], key: tuple[Any, ...]) -> int:
    _delete_rows(connection, key)
    parameters = {"team_id": key[0], "import_id": key[1]}
    with connection.transaction():
        for statement in ("let_go", "delete_mended_rows", "delete_outcomes"):
            connection.execute(STATEMENTS[statement], parameters)
        return connection.execute(STATEMENTS["delete_import"], parameters).rowcount


def _now(connection: psycopg.Connection[Any]) -> datetime:
    row = connection.execute(STATEMENTS["now"]).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment
