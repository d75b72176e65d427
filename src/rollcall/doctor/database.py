"""The database: its version, its tables, what it promises, its clock and its connections."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from rollcall.config import Settings
from rollcall.database import heartbeat
from rollcall.database.connections import connect
from rollcall.database.migrate import newest_revision
from rollcall.doctor.findings import Finding, fail, ok, warn
from rollcall.imports.running.lanes import DRY_RUNS_AT_ONCE, LARGE_CONNECTIONS, SMALL_AT_ONCE

VERSION = 18
CLOCK_SECONDS = 2.0
LIMITS = {"statement_timeout": "10s", "lock_timeout": "2s"}
# The keeper, sweeps, a look at the storage, and a helper of whoever gives an import back.
WORKER_REST = 4
TABLES_WITHOUT_RIGHTS = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'operations')
    AND c.relname <> 'alembic_version'
    AND NOT (
        has_schema_privilege(n.oid, 'USAGE')
        AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
        AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')
    )
ORDER BY 1
"""
UNSAFE = """
SELECT name FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY 1
"""
CONNECTIONS = """
SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""

Connection = psycopg.Connection[Any]


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """Look at the database that the settings name."""
    try:
        connection = connect(settings.psycopg_dsn, "rollcall-doctor", LIMITS)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        yield fail("database", f"cannot be reached: {reason}", "look at ROLLCALL_DATABASE_URL")
        return
    with connection:
        yield from _look_at_server(connection)
        yield from _look_at_clock(connection)
        yield from _look_at_connections(connection, settings)
        yield from _look_at_tables(connection)


def _look_at_server(connection: Connection) -> Iterator[Finding]:
    version = connection.info.server_version
    told = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    if version // 10_000 < VERSION:
        yield fail("database", told, f"Rollcall needs PostgreSQL {VERSION}")
    else:
        yield ok("database", f"{told} answers")
    encoding = _value(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        yield fail("database", f"its encoding is {encoding}", "make one with the encoding UTF8")
    if _value(connection, "SELECT pg_is_in_recovery()"):
        yield fail("database", "is a standby and takes no writes", "name the primary")
    for (name,) in connection.execute(UNSAFE).fetchall():
        yield warn(
            "database",
            f"{name} is off: what was answered can be lost with the power",
            f"set {name} to on",
        )


def _look_at_clock(connection: Connection) -> Iterator[Finding]:
    before = time.time()
    there = float(_value(connection, "SELECT extract(epoch FROM clock_timestamp())"))
    apart = there - (before + time.time()) / 2
    if abs(apart) > CLOCK_SECONDS:
        yield warn(
            "clock",
            f"the database's is {apart:+.1f} s away from this machine's",
            "imports do not mind, logs and the ages of files do: set both by NTP",
        )
    else:
        yield ok("clock", f"within {abs(apart):.1f} s of the database's")


def _look_at_connections(connection: Connection, settings: Settings) -> Iterator[Finding]:
    row = connection.execute(CONNECTIONS).fetchone()
    assert row is not None
    most, used = row
    api = 2 * settings.db_pool_size
    worker = (
        SMALL_AT_ONCE
        + LARGE_CONNECTIONS * settings.worker_concurrency
        + 2 * DRY_RUNS_AT_ONCE
        + WORKER_REST
    )
    told = (
        f"{used} of {most} connections are in use; an API process takes {api} at most,"
        f" a worker about {worker}"
    )
    if api + worker > most:
        yield fail("connections", told, "raise max_connections, or lower ROLLCALL_DB_POOL_SIZE")
    elif used > 0.8 * most:
        yield warn("connections", told, "raise max_connections")
    else:
        yield ok("connections", told)


def _look_at_tables(connection: Connection) -> Iterator[Finding]:
    newest = newest_revision()
    current = None
    if _value(connection, "SELECT to_regclass('alembic_version') IS NOT NULL"):
        current = _value(connection, "SELECT max(version_num) FROM alembic_version")
    if current is None:
        yield fail("migrations", "the database has no tables", "run `rollcall migrate`")
        return
    if current < newest:
        yield fail("migrations", f"are at {current} of {newest}", "run `rollcall migrate`")
    elif current > newest:
        yield warn(
            "migrations",
            f"are at {current}, and this program knows {newest}",
            "update this program too",
        )
    else:
        yield ok("migrations", f"are up to date ({current})")
    if lacking := [name for (name,) in connection.execute(TABLES_WITHOUT_RIGHTS).fetchall()]:
        advice = "grant SELECT, INSERT, UPDATE and DELETE, see docs/database.md"
        yield fail("rights", f"the role may not use {', '.join(lacking)}", advice)
    else:
        yield ok("rights", "the role may read and write all tables")
    workers = connection.execute(heartbeat.COUNT, heartbeat.PARAMETERS).fetchone()
    if workers and workers[0]:
        yield ok("workers", f"{workers[0]} alive")
    else:
        yield warn("workers", "none is alive: imports wait", "start `rollcall worker`")


def _value(connection: Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
