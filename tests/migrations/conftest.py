"""A database whose schema tests bring to any revision."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices


@pytest.fixture
def empty(services: EmbeddedServices) -> Iterator[Settings]:
    """Settings with a database that has nothing in it."""
    parts = urlsplit(services.database_url)
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
        yield Settings(
            database_url=urlunsplit(parts._replace(path="/empty")),
            redis_url=services.redis_url,
            storage_url="file:///nowhere",
        )
        connection.execute("DROP DATABASE empty WITH (FORCE)")
