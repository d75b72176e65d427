"""The sweep after deleted topics: contacts' choices in chunks, and at the end the topics' rows."""

from __future__ import annotations

import psycopg

from rollcall.database.statements import load_statements
from rollcall.sweeps.purge import KEYS_CHUNK, MAX_CHUNKS, purge_keys

STATEMENTS = load_statements(__package__, "topics.sql")


def purge_deleted(
    connection: psycopg.Connection, *, chunk: int = KEYS_CHUNK, max_chunks: int = MAX_CHUNKS
) -> int:
    """Take the choices for deleted topics away from contacts, a transaction per chunk.

    As `purge.purge_keys` has it.
    """
    return purge_keys(connection, STATEMENTS, chunk, max_chunks)
