"""The sweep after drafts whose time is up: their files, and then their rows, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from rollcall.database.statements import load_statements
from rollcall.storage.objects import Storage
from rollcall.sweeps.purge import MAX_CHUNKS, purge_in_chunks

STATEMENTS = load_statements(__package__, "drafts.sql")
Connection = psycopg.Connection[Any]


def purge_expired_drafts(
    connect: Callable[[], Connection], storage: Storage, *, most: int = MAX_CHUNKS
) -> int:
    """Delete drafts that have expired, a transaction for each, with the files that only they have.

    Any number of these may run at the same time. What an import was begun with, dry or not, is that
    import's file. A file goes before its row, so that none is left without one.

    Args:
        connect: makes a connection to the database.
        storage: where their files are, which has to be the right one.
        most: after how many drafts this call ends.

    Returns:
        The number of drafts that were deleted.

    Raises:
        StorageError: a file cannot be deleted now; its draft stays.
    """
    with connect() as connection:
        return purge_in_chunks(connection, partial(_purge_draft, storage), 1, most)


def _purge_draft(storage: Storage, connection: Connection, _: int) -> bool:
    draft = connection.execute(STATEMENTS["lock_expired"]).fetchone()
    if draft is None:
        return False
    team_id, id_, object_key, packed_key, is_begun = draft
    unused = [packed_key] if is_begun else [object_key, packed_key]
    asyncio.run(_delete(storage, list(filter(None, unused))))
    connection.execute(STATEMENTS["delete"], {"team_id": team_id, "id": id_})
    return True


async def _delete(storage: Storage, keys: list[str]) -> None:
    for key in keys:
        await storage.delete(key)
