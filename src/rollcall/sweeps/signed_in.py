"""The end of the dashboard's sessions and links that are over."""

from __future__ import annotations

from typing import Any

import psycopg


def purge_expired(connection: psycopg.Connection[Any]) -> None:
    """Forget sessions that were unused for too long, and links that nobody followed."""
    connection.execute("DELETE FROM dashboard_sessions WHERE expires_at < now()")
    connection.execute("DELETE FROM dashboard_links WHERE expires_at < now()")
