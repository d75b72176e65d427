"""A cluster of Citus for the tests, whose address somebody has given: one database for all of them.

There is no template on a cluster, so what a test has left is removed before the next one, and the
tests run in one process (`-n 0`).
"""

from __future__ import annotations

import os

import psycopg
from psycopg import sql

CITUS_URL = os.environ.get("ROLLCALL_TEST_CITUS_URL", "")
KEPT = ("alembic_version",)
END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND application_name NOT LIKE 'citus%'
"""
TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname IN ('public', 'operations') AND tablename <> ALL(%s)
"""


def empty_cluster() -> None:
    """End all sessions of the cluster's database, and remove all rows."""
    with psycopg.connect(CITUS_URL, autocommit=True) as connection:
        connection.execute(END_SESSIONS)
        tables = [sql.Identifier(*row) for row in connection.execute(TABLES, (list(KEPT),))]
        # It takes long for a table of many shards, and most are empty.
        filled = [table for table in tables if _has_rows(connection, table)]
        if filled:
            names = sql.SQL(", ").join(filled)
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))


def _has_rows(connection: psycopg.Connection, table: sql.Identifier) -> bool:
    found = connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(table))
    return found.fetchone() is not None
