"""What a worker removes in passing: what deleted things have left, and keys that are too old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from rollcall.auth.expiry import purge_expired
from rollcall.sweeps import names, orphaned_topics, properties, segments, signed_in, topics

# Any number that nothing else in the database uses.
LOCK = 7_043_651_220
IDLE_TIMEOUT = "60s"


def sweep(connect: Callable[[], psycopg.Connection[Any]]) -> None:
    """Do a bounded number of chunks, unless another worker is about it."""
    with connect() as connection:
        # One that freezes between two chunks must not keep the others from it for ever.
        connection.execute("SELECT set_config('idle_session_timeout', %s, false)", (IDLE_TIMEOUT,))
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is not None and row[0]:
            segments.purge_deleted(connection)
            properties.purge_deleted(connection)
            topics.purge_deleted(connection)
            orphaned_topics.purge_orphans(connection)
            purge_expired(connection)
            signed_in.purge_expired(connection)
            names.sort_names(connection)
