"""What the sweeps after deletions share: work in chunks, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

MAX_CHUNKS = 20
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
