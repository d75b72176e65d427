"""How long idempotency keys are kept, and their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

KEPT = timedelta(hours=24)


def purge_expired(connection: psycopg.Connection[Any]) -> None:
    """Forget keys that are older than they are kept."""
    connection.execute("DELETE FROM idempotency_keys WHERE created_at < now() - %s", (KEPT,))
