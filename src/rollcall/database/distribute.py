"""Distribution of the large tables over the nodes of a cluster, where the database is one of Citus.

All rows of a team are on one node, so that a batch is a transaction of that node and the
coordinator, and no statement asks two nodes. What is small stays on the coordinator, where it can
be locked and joined like any other table. `tests/unit/database/test_team_keys.py` holds what this
rests on.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg

from rollcall.config import Settings

# What grows with contacts and files, the first one before those that go where it is.
DISTRIBUTED = (
    "contacts",
    "segment_memberships",
    "contact_import_batches",
    "contact_import_failures",
    "contact_import_warnings",
)
HAS_CITUS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
IS_LOCAL = """
SELECT to_regclass(%(table)s) IS NOT NULL
    AND NOT EXISTS (SELECT FROM citus_tables WHERE table_name = to_regclass(%(table)s))
"""
# Distributed tables have no triggers; the product deletes memberships by itself.
DROP_TRIGGER = "DROP TRIGGER IF EXISTS contacts_end_memberships ON contacts"
DISTRIBUTE = "SELECT create_distributed_table(%(table)s, 'team_id', colocate_with => %(with)s)"


def distribute(settings: Settings) -> list[str]:
    """Distribute those tables by team that are not yet, if the database is one of Citus.

    Each in a transaction of its own: what is interrupted is gone on with by the next call. The rows
    of a table are copied, and whoever writes to it waits for that.

    Returns:
        The tables that were distributed now.
    """
    if settings.distribute == "never":
        return []
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        if not _tells(connection, HAS_CITUS, {}):
            return []
        connection.execute("SET lock_timeout = '5s'")
        return [table for table in DISTRIBUTED if _distribute(connection, table)]


def _distribute(connection: psycopg.Connection[Any], table: str) -> bool:
    first = DISTRIBUTED[0]
    parameters = {"table": table, "with": "none" if table == first else first}
    if not _tells(connection, IS_LOCAL, parameters):
        return False
    with connection.transaction():
        if table == first:
            connection.execute(DROP_TRIGGER)
        connection.execute(DISTRIBUTE, parameters)
    # The copy that the coordinator had is kept by Citus until somebody says so.
    connection.execute("SELECT truncate_local_data_after_distributing_table(%(table)s)", parameters)
    return True


def _tells(
    connection: psycopg.Connection[Any], question: LiteralString, parameters: dict[str, Any]
) -> bool:
    row = connection.execute(question, parameters).fetchone()
    return row is not None and bool(row[0])
