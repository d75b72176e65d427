"""The sweep after deleted properties: their values in chunks, and at the end their rows."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from rollcall.purge import MAX_CHUNKS, purge_in_chunks
from rollcall.sql import load_statements

STATEMENTS = load_statements("rollcall.properties", "purge.sql")
CHUNK = 5_000
BEFORE_ALL = uuid.UUID(int=0)


def purge_deleted(
    connection: psycopg.Connection[Any], *, chunk: int = CHUNK, max_chunks: int = MAX_CHUNKS
) -> int:
    """Take the values of deleted properties away from contacts, a transaction per chunk.

    Any number of these may run at the same time; a call ends after `max_chunks`, and the next
    one goes on from there. `updated_at` stays, as nothing changes that anybody could see.

    Args:
        connection: one without an open transaction.
        chunk: how many contacts are looked at in one transaction.
        max_chunks: after how many chunks this call ends.

    Returns:
        The number of chunks that there was something to do for.
    """
    return purge_in_chunks(connection, _purge_chunk, chunk, max_chunks)


def _purge_chunk(connection: psycopg.Connection[Any], chunk: int) -> bool:
    property_ = connection.execute(STATEMENTS["lock_deleted"]).fetchone()
    if property_ is None:
        return False
    team_id, id_, stored_as, purged_to = property_
    parameters = {
        "team_id": team_id,
        "id": id_,
        "stored_as": stored_as,
        "after": purged_to or BEFORE_ALL,
        "limit": chunk,
    }
    if _is_awaited(connection, parameters):
        return False
    last = connection.execute(STATEMENTS["find_chunk"], parameters).fetchone()
    if last is None:
        connection.execute(STATEMENTS["delete"], parameters)
    else:
        parameters["last"] = last[0]
        connection.execute(STATEMENTS["clear_chunk"], parameters)
        connection.execute(STATEMENTS["remember"], parameters)
    return True


def _is_awaited(connection: psycopg.Connection[Any], parameters: dict[str, Any]) -> bool:
    row = connection.execute(STATEMENTS["is_awaited"], parameters).fetchone()
    assert row is not None
    return bool(row[0])
