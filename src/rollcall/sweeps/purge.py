"""What the sweeps after deletions share: work in chunks, each in a transaction of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, LiteralString

import psycopg

from rollcall.database.statements import load_statements

STATEMENTS = load_statements(__package__, "purge.sql")
MAX_CHUNKS = 20
# Contacts that are looked at in one transaction.
KEYS_CHUNK = 5_000
BEFORE_ALL = uuid.UUID(int=0)
Connection = psycopg.Connection[Any]


def purge_in_chunks(
    connection: Connection,
    purge_chunk: Callable[[Connection, int], bool],
    chunk: int,
    max_chunks: int,
) -> int:
    """Purge until there is nothing left to do, or `max_chunks` are done.

    Returns:
        The number of chunks that there was something to do for.
    """
    for done in range(max_chunks):
        with connection.transaction():
            if not purge_chunk(connection, chunk):
                return done
    return max_chunks


def purge_keys(
    connection: Connection,
    statements: Mapping[str, LiteralString],
    chunk: int,
    max_chunks: int,
) -> int:
    """Take the keys of things that are deleted away from contacts, then delete the things.

    Contacts hold such keys in a JSON object, as of properties or topics. They are gone through in
    the order of their ids, once for each thing, when nobody writes its key any more. Any number of
    these may run at the same time; a call ends after `max_chunks`, and the next one goes on from
    there. `updated_at` stays, as nothing changes that anybody could see.

    Args:
        connection: one without an open transaction.
        statements: `lock_deleted`, which returns team, id, key and the last contact done of one
            thing; `is_awaited`, `clear_chunk`, `remember` and `delete`, which are about it.
        chunk: how many contacts are looked at in one transaction.
        max_chunks: after how many chunks this call ends.

    Returns:
        The number of chunks that there was something to do for.
    """
    return purge_in_chunks(connection, partial(_purge_keys_chunk, statements), chunk, max_chunks)


def _purge_keys_chunk(
    statements: Mapping[str, LiteralString], connection: Connection, chunk: int
) -> bool:
    thing = connection.execute(statements["lock_deleted"]).fetchone()
    if thing is None:
        return False
    team_id, id_, key, purged_to = thing
    parameters = {
        "team_id": team_id,
        "id": id_,
        "key": key,
        "after": purged_to or BEFORE_ALL,
        "limit": chunk,
    }
    awaited = connection.execute(statements["is_awaited"], parameters).fetchone()
    if awaited is None or awaited[0]:
        return False
    last = connection.execute(STATEMENTS["find_chunk"], parameters).fetchone()
    if last is None:
        connection.execute(statements["delete"], parameters)
    else:
        parameters["last"] = last[0]
        connection.execute(statements["clear_chunk"], parameters)
        connection.execute(statements["remember"], parameters)
    return True
