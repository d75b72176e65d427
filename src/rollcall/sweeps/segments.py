"""The sweep after deleted segments: their memberships in chunks, and at the end their rows."""

from __future__ import annotations

from typing import Any

import psycopg

from rollcall.database.statements import load_statements
from rollcall.sweeps.purge import MAX_CHUNKS, purge_in_chunks

STATEMENTS = load_statements(__package__, "segments.sql")
CHUNK = 10_000


def purge_deleted(
    connection: psycopg.Connection[Any], *, chunk: int = CHUNK, max_chunks: int = MAX_CHUNKS
) -> int:
    """Remove what is left of deleted segments, a transaction per chunk.

    Any number of these may run at the same time; a call ends after `max_chunks`, and the next
    one goes on from there.

    Args:
        connection: one without an open transaction.
        chunk: how many memberships are removed in one transaction.
        max_chunks: after how many chunks this call ends.

    Returns:
        The number of chunks that there was something to do for.
    """
    return purge_in_chunks(connection, _purge_chunk, chunk, max_chunks)


def _purge_chunk(connection: psycopg.Connection[Any], chunk: int) -> bool:
    segment = connection.execute(STATEMENTS["lock_deleted"]).fetchone()
    if segment is None:
        return False
    parameters = {"team_id": segment[0], "id": segment[1], "limit": chunk}
    deleted = connection.execute(STATEMENTS["delete_memberships"], parameters).rowcount
    if deleted < chunk and not _has_members(connection, parameters):
        deleted += connection.execute(STATEMENTS["delete"], parameters).rowcount
    return deleted > 0


def _has_members(connection: psycopg.Connection[Any], parameters: dict[str, Any]) -> bool:
    row = connection.execute(STATEMENTS["has_members"], parameters).fetchone()
    return row is not None and bool(row[0])
