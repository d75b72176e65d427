"""The sweep after deleted properties: their values in chunks, and at the end their rows."""

from __future__ import annotations

import psycopg

from rollcall.database.statements import load_statements
from rollcall.sweeps.purge import KEYS_CHUNK, MAX_CHUNKS, purge_keys

STATEMENTS = load_statements(__package__, "properties.sql")


def purge_deleted(
    connection: psycopg.Connection, *, chunk: int = KEYS_CHUNK, max_chunks: int = MAX_CHUNKS
) -> int:
    """Take the values of deleted properties away from contacts, a transaction per chunk.

    As `purge.purge_keys` has it.
    """
    return purge_keys(connection, STATEMENTS, chunk, max_chunks)
