"""The walk after topics that were deleted when there was no sweep after them yet.

Of these nothing is left but their ids in contacts. So the migration that came with this walk noted
all teams, and the contacts of each are gone through once, in chunks.
"""

from __future__ import annotations

from typing import Any

import psycopg

from rollcall.database.statements import load_statements
from rollcall.sweeps.purge import BEFORE_ALL, KEYS_CHUNK, MAX_CHUNKS, purge_in_chunks
from rollcall.sweeps.purge import STATEMENTS as CHUNKS

STATEMENTS = load_statements(__package__, "orphaned_topics.sql")
Connection = psycopg.Connection[Any]


def purge_orphans(
    connection: Connection, *, chunk: int = KEYS_CHUNK, max_chunks: int = MAX_CHUNKS
) -> int:
    """Take the ids of topics that are no more away from contacts, a transaction per chunk.

    `updated_at` stays, as nothing changes that anybody could see.

    Args:
        connection: one without an open transaction.
        chunk: how many contacts are looked at in one transaction.
        max_chunks: after how many chunks this call ends; the next one goes on from there.

    Returns:
        The number of chunks that there was something to do for.
    """
    return purge_in_chunks(connection, _purge_chunk, chunk, max_chunks)


def _purge_chunk(connection: Connection, chunk: int) -> bool:
    walk = connection.execute(STATEMENTS["lock_next"]).fetchone()
    if walk is None:
        return False
    team_id, walked_to = walk
    parameters: dict[str, Any] = {
        "team_id": team_id,
        "after": walked_to or BEFORE_ALL,
        "limit": chunk,
    }
    last = connection.execute(CHUNKS["find_chunk"], parameters).fetchone()
    if last is None:
        connection.execute(STATEMENTS["delete"], parameters)
        return True
    parameters["last"] = last[0]
    parameters["chosen"] = _ids(connection, "find_chosen", parameters)
    parameters["orphans"] = _ids(connection, "find_orphans", parameters)
    if parameters["orphans"]:
        connection.execute(STATEMENTS["clear_chunk"], parameters)
    connection.execute(STATEMENTS["remember"], parameters)
    return True


def _ids(connection: Connection, statement: str, parameters: dict[str, Any]) -> list[str]:
    return [id_ for (id_,) in connection.execute(STATEMENTS[statement], parameters)]
