"""Which workers are alive, as the database knows it.

Each worker has a session of its own that asks the database something about once a second, under a
name with the process and the host: the server notes the time, by its own clock, and forgets the
session when the worker ends. So there is nothing to write, and nothing to sweep.
"""

from __future__ import annotations

import os
import socket
from typing import Any

import psycopg

NAME = "rollcall-worker"
# PostgreSQL cuts off the rest.
MAX_NAME_BYTES = 63
# A worker that was silent for longer is frozen, or its host is gone.
ALIVE_SECONDS = 10
# Of the sessions of other users nobody sees the times.
COUNT = """
SELECT count(DISTINCT application_name) FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, %(begin)s)
    AND coalesce(state_change > clock_timestamp() - make_interval(secs => %(seconds)s), true)
"""
# The latest format of rows that one of these workers understands; null without any. Those of before
# formats do not say so.
NEWEST_FORMAT = """
SELECT max(coalesce(substring(application_name FROM '^rollcall-worker [0-9]+f([0-9]+)@')::int, 1))
FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, 'rollcall-worker ')
    AND coalesce(state_change > clock_timestamp() - interval '10 seconds', true)
"""
PARAMETERS = {"begin": f"{NAME} ", "seconds": ALIVE_SECONDS}


def session_name(row_format: int) -> str:
    """Return the name of the session by which this process is known.

    It has the process's number, the format of rows that it understands, and its host.
    """
    host = socket.gethostname().encode("ascii", "replace").decode()
    return f"{NAME} {os.getpid()}f{row_format}@{host}"[:MAX_NAME_BYTES]


async def count_workers(connection: psycopg.AsyncConnection[Any]) -> int:
    """Return how many workers have been heard of in the last seconds."""
    cursor = await connection.execute(COUNT, PARAMETERS)
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])
