"""Databases for tests: each made from a migrated template, with a Redis database and a folder."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from rollcall.api_keys.queries import create_key
from rollcall.config import Settings
from rollcall.database.engine import create_engine, create_sessionmaker
from rollcall.database.migrate import upgrade
from rollcall.embedded import EmbeddedServices
from tests.support.cluster import CITUS_URL, empty_cluster

TEMPLATE = "rollcall_template"
# The longest that a process can be told to wait for its database: a busy machine keeps it waiting.
DATABASE_SECONDS = 8.0
_numbers = itertools.count()


def make_template(services: EmbeddedServices) -> str:
    """Make the database that others are made from; return its address."""
    if CITUS_URL:
        upgrade(_settings(CITUS_URL, services.redis_url, "file:///nowhere"))
        return CITUS_URL
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = _with_path(services.database_url, TEMPLATE)
    upgrade(_settings(url, services.redis_url, "file:///nowhere"))
    return url


@contextmanager
def own_settings(
    services: EmbeddedServices, folder: Path, *, redis_database: int
) -> Iterator[Settings]:
    """Make a database from the template and empty a Redis database; drop the former in the end."""
    name = f"test_{next(_numbers)}"
    redis_url = _with_path(services.redis_url, str(redis_database))
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    if CITUS_URL:
        empty_cluster()
        yield _settings(CITUS_URL, redis_url, (folder / "uploads").as_uri())
        return
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        url = _with_path(services.database_url, name)
        yield _settings(url, redis_url, (folder / "uploads").as_uri())
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make_key_of(settings: Settings, team_name: str, key_name: str = "test") -> str:
    """Make a key for a team of this name, in the database of these settings."""

    async def create() -> str:
        engine = create_engine(settings)
        async with create_sessionmaker(engine)() as session:
            token = await create_key(session, team_name=team_name, key_name=key_name)
            await session.commit()
        await engine.dispose()
        return token

    # Where a browser's driver is at work, an event loop runs in this thread already.
    with ThreadPoolExecutor(1) as other:
        return other.submit(lambda: asyncio.run(create())).result()


def _settings(database_url: str, redis_url: str, storage_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        storage_url=storage_url,
        rate_limit=0,
        lease_seconds=2,
        db_timeout_seconds=DATABASE_SECONDS,
        log_level="warning",
    )


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
