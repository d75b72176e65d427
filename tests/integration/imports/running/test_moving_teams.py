"""A team that is moved to another node of a cluster while it imports."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import psycopg
import pytest

from tests.support.cluster import CITUS_URL
from tests.support.uploads import Importer

COUNT = 20_000
SHARD = """
SELECT s.shardid, s.nodename, s.nodeport, other.nodename, other.nodeport
FROM citus_shards AS s
CROSS JOIN LATERAL (
    SELECT n.nodename, n.nodeport FROM pg_dist_node AS n
    WHERE n.shouldhaveshards AND (n.nodename, n.nodeport) <> (s.nodename, s.nodeport)
    LIMIT 1
) AS other
WHERE s.table_name = 'contacts'::regclass
    AND s.shardid = get_shard_id_for_distribution_column('contacts', %s)
"""
MOVE = "SELECT citus_move_shard_placement(%s, %s, %s, %s, %s, 'block_writes')"


@pytest.mark.skipif(not CITUS_URL, reason="ROLLCALL_TEST_CITUS_URL names no cluster")
def test_nothing_is_lost_and_nothing_is_counted_twice(
    importer: Importer, connection: psycopg.Connection[Any]
) -> None:
    importer = dataclasses.replace(importer, batch_rows=500)
    rows = "".join(f"person{n}@example.com,Name {n}\n" for n in range(COUNT))
    importer.run(f"email,first_name\n{rows[: len(rows) // 2]}".encode())
    moves: list[Any] = []
    over = threading.Event()

    def move() -> None:
        while not over.is_set():
            shard = connection.execute(SHARD, (importer.team_id,)).fetchone()
            connection.execute(MOVE, shard)
            moves.append(shard)

    thread = threading.Thread(target=move)
    thread.start()
    try:
        path = importer.run(f"email,first_name\n{rows.replace('Name', 'Other')}".encode())
    finally:
        over.set()
        thread.join()
    counts = importer.client.get(path).json()["counts"]
    stored = importer.client.get("/contacts").json()["data"]
    assert len(moves) > 0
    assert counts["created"] + counts["updated"] == counts["total"] == COUNT
    assert stored
    query = "SELECT count(*), count(*) FILTER (WHERE first_name LIKE 'Other%%') FROM contacts"
    found = connection.execute(f"{query} WHERE team_id = %s", (importer.team_id,)).fetchone()
    assert found == (COUNT, COUNT)
