"""Connections of the API to its database, and what becomes of those that are lost."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg


def test_lost_connections_are_replaced_unnoticed(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    body = {"name": "News"}
    for _ in range(3):
        assert client.get("/segments").status_code == 200
        assert client.post("/segments", json=body).status_code == 201
        assert end_connections(connection) > 0
    assert client.post("/segments", json=body).status_code == 201


def end_connections(connection: psycopg.Connection[Any]) -> int:
    """End all connections of the API, as a server that restarts does; return how many."""
    rows = connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'rollcall-api' AND datname = current_database()"
    ).fetchall()
    assert all(ended for (ended,) in rows)
    return len(rows)
