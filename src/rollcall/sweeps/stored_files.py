"""The sweep after uploads that have left a file and no import: their process died in between."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog

from rollcall.database.statements import load_statements
from rollcall.storage.objects import Storage, StoredObject

log = structlog.get_logger(__name__)

STATEMENTS = load_statements(__package__, "stored_files.sql")
# Far longer than from the end of an upload to its commit, and than clocks are apart.
MIN_AGE = timedelta(days=1)
# Each page costs one look at all imports.
PAGE = 10_000

Connect = Callable[[], psycopg.Connection[Any]]


async def collect_files(
    connect: Connect, storage: Storage, *, min_age: timedelta = MIN_AGE, page: int = PAGE
) -> int:
    """Delete stored files that no import refers to, and what is left of unfinished uploads.

    Only what has the name of an upload of a team in this database is touched.

    Args:
        connect: makes a connection to the database; one is used for each page.
        storage: where uploaded files are.
        min_age: files that were written later are left alone, as their import may be on its way.
        page: how many files are looked up at once.

    Returns:
        The number of files that were deleted.
    """
    written_before = await asyncio.to_thread(_now, connect) - min_age
    deleted = 0
    async for objects in storage.list_pages(page):
        old = [each for each in objects if each.modified < written_before]
        for each in await asyncio.to_thread(_find_unreferred, connect, old):
            await storage.delete(each.key)
            log.info("file without an import deleted", **_describe(each))
            deleted += 1
    for each in await asyncio.to_thread(storage.delete_unfinished, written_before):
        log.info("file of an unfinished upload deleted", **_describe(each))
        deleted += 1
    return deleted


def _now(connect: Connect) -> datetime:
    """Return the time by the database's clock: this machine's may be a day ahead.

    The times of files are by the clock of whoever wrote them, so the storage's own clock, or those
    of all APIs with one folder, must not be far behind.
    """
    with connect() as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        now: datetime = row[0]
        return now


def _find_unreferred(connect: Connect, objects: Sequence[StoredObject]) -> list[StoredObject]:
    by_key = {each.key: (each, _team_of(each.key)) for each in objects}
    ours = {key: team_id for key, (_, team_id) in by_key.items() if team_id is not None}
    if not ours:
        return []
    parameters = {"team_ids": list(ours.values()), "keys": list(ours)}
    with connect() as connection:
        rows = connection.execute(STATEMENTS["find_unreferred"], parameters, prepare=False)
        return [by_key[key][0] for (key,) in rows]


def _team_of(key: str) -> uuid.UUID | None:
    """Return the team of an upload's key; None when it is none."""
    team, _, name = key.partition("/")
    try:
        ids = uuid.UUID(team), uuid.UUID(name)
    except ValueError:
        return None
    return ids[0] if key == f"{ids[0]}/{ids[1]}" else None


def _describe(found: StoredObject) -> dict[str, Any]:
    return {"key": found.key, "size": found.size, "modified": found.modified.isoformat()}
