"""Sorting the names of contacts into layers, so that the beginning of one finds them.

A transaction sorts what has waited longest into a new layer, or several small layers into one.
Searches see what they saw before until it is committed.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg

from rollcall.database.statements import load_statements
from rollcall.sweeps.purge import MAX_CHUNKS, purge_in_chunks

STATEMENTS = load_statements(__package__, "names.sql")
# While imports are at work, names wait for so long.
PATIENCE = timedelta(minutes=5)
# Contacts of a range, and rows that wait, of which one transaction takes no more: a second's work.
CHUNK = 100_000
ROWS = 10
# Entries of a leaf: as many as a page holds, of names as long as most are.
LEAF = 200
# Layers that a search looks into one by one, and how many become one when there are more. Large
# ones are left alone: there are few.
MAX_LAYERS = 12
MERGED_LAYERS = 10
MAX_MERGED_SIZE = 5_000_000

Connection = psycopg.Connection[Any]


def sort_names(connection: Connection, *, chunk: int = CHUNK, max_chunks: int = MAX_CHUNKS) -> int:
    """Sort in the names that wait, a transaction per chunk.

    Args:
        connection: one without an open transaction.
        chunk: about how many contacts are sorted in one transaction.
        max_chunks: after how many chunks this call ends; the next one goes on from there.

    Returns:
        The number of chunks that there was something to do for.
    """
    return purge_in_chunks(connection, _sort_chunk, chunk, max_chunks)


def _sort_chunk(connection: Connection, chunk: int) -> bool:
    row = connection.execute(STATEMENTS["next_team"], {"patience": PATIENCE}).fetchone()
    if row is None:
        return False
    team_id, first_id, last_id, id_ = row
    parameters: dict[str, Any] = {"team_id": team_id, "id": id_, "limit": chunk, "leaf": LEAF}
    parameters |= {"first_id": first_id, "last_id": last_id, "layer_id": uuid.uuid4()}
    rest = connection.execute(STATEMENTS["find_rest"], parameters).fetchone()
    if rest is not None:
        # Of a range its last contact counts too, so what is left begins after what is taken.
        taken: list[Any] = [(first_id, uuid.UUID(int=rest[0].int - 1), None)]
        connection.execute(STATEMENTS["shorten"], parameters | {"rest": rest[0]})
    else:
        taken = connection.execute(STATEMENTS["take"], parameters | {"rows": ROWS}).fetchall()
    ranges = [(first, last) for first, last, _ in taken if first is not None]
    connection.execute(
        STATEMENTS["add_layer"],
        parameters
        | {
            "first_ids": [first for first, _ in ranges],
            "last_ids": [last for _, last in ranges],
            "contact_ids": [changed for *_, ids in taken for changed in ids or ()],
        },
    )
    _merge_layers(connection, team_id)
    return True


def _merge_layers(connection: Connection, team_id: uuid.UUID) -> None:
    """Make one layer of the smallest ones, if a search has too many to look into."""
    parameters: dict[str, Any] = {"team_id": team_id, "max_size": MAX_MERGED_SIZE, "leaf": LEAF}
    run = partial(connection.execute, prepare=False)
    row = run(STATEMENTS["find_small_layers"], parameters).fetchone()
    assert row is not None
    layers, count = row
    if count <= MAX_LAYERS:
        return
    parameters |= {"layers": layers[:MERGED_LAYERS], "layer_id": uuid.uuid4()}
    run(STATEMENTS["merge_layers"], parameters)
    run(STATEMENTS["drop_leaves"], parameters)
    run(STATEMENTS["drop_layers"], parameters)
