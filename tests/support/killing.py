"""Which process works on an import, so that it can be killed for it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import psutil
import psycopg

# Who has contacts of an import on the way to the database.
PORTS = """
SELECT a.client_port FROM contact_import_sessions AS s
JOIN pg_stat_activity AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.import_id = %s AND a.state = 'active' AND a.query LIKE 'COPY%%'
"""


def ports_at_work(connection: psycopg.Connection[Any], import_id: str | uuid.UUID) -> set[int]:
    """Return the ports by which the database knows those who send it contacts of an import."""
    return {port for (port,) in connection.execute(PORTS, (import_id,))}


def ports_of(process: psutil.Process) -> set[int]:
    """Return the ports of a process; none when it has ended."""
    with suppress(psutil.NoSuchProcess):
        return {each.laddr.port for each in process.net_connections("tcp")}
    return set()


def guilty_file(number: int) -> bytes:
    """Make a file of few rows that is large enough for the lane of large ones."""
    rows = [f"guilty{number}x{n}@example.com,{'x' * 9000}" for n in range(120)]
    return "\n".join(["email,notes", *rows]).encode()
