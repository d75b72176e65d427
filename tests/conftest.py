"""Real parts for the tests: PostgreSQL and Redis from wheels, the API over real HTTP.

Both servers run once for all tests. Every test that asks for a database gets one of its own, made
from a migrated template, and a Redis database and a folder for uploads that are empty.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
import redis
import uvicorn

from rollcall.api_keys.queries import create_key
from rollcall.app import create_app
from rollcall.config import Settings
from rollcall.db import create_engine, create_sessionmaker
from rollcall.embedded import EmbeddedServices
from rollcall.http_protocol import HttpProtocol
from rollcall.migrate import upgrade

TEMPLATE = "rollcall_template"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServices]:
    """PostgreSQL and Redis, once for all tests."""
    with EmbeddedServices(tmp_path_factory.mktemp("services"), for_tests=True) as running:
        yield running


@pytest.fixture(scope="session")
def template_database(services: EmbeddedServices) -> str:
    """The address of a migrated database without content that others are made from."""
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = _with_path(services.database_url, TEMPLATE)
    upgrade(_settings(url, services.redis_url, "file:///nowhere"))
    return url


@pytest.fixture
def settings(
    services: EmbeddedServices, template_database: str, tmp_path: Path
) -> Iterator[Settings]:
    """Settings with a database, a Redis database and a folder of this test's own."""
    name = f"test_{next(_numbers)}"
    redis_url = _with_path(services.redis_url, "1")
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        url = _with_path(services.database_url, name)
        yield _settings(url, redis_url, (tmp_path / "uploads").as_uri())
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test's database, in autocommit mode."""
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], str]]:
    """Serve the API with given settings; returns its base URL."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(serving(settings))


@pytest.fixture
def api(settings: Settings, serve: Callable[[Settings], str]) -> str:
    """The base URL of the API over real HTTP."""
    return serve(settings)


@pytest.fixture
def make_key(settings: Settings) -> Callable[[str], str]:
    """Make a key for a team of this name."""

    def make(team_name: str) -> str:
        async def create() -> str:
            engine = create_engine(settings)
            async with create_sessionmaker(engine)() as session:
                token = await create_key(session, team_name=team_name, key_name="test")
                await session.commit()
            await engine.dispose()
            return token

        return asyncio.run(create())

    return make


@pytest.fixture
def team_key(make_key: Callable[[str], str]) -> str:
    """A key of the team that most tests act as."""
    return make_key("team a")


@pytest.fixture
def team_id(connection: psycopg.Connection[Any], team_key: str) -> uuid.UUID:
    """The id of the team that most tests act as."""
    row = connection.execute("SELECT team_id FROM teams WHERE name = 'team a'").fetchone()
    assert row is not None
    found: uuid.UUID = row[0]
    return found


@pytest.fixture
def client(api: str, team_key: str) -> Iterator[httpx.Client]:
    """An HTTP client with the key of the test's team."""
    with httpx.Client(base_url=api, headers=_bearer(team_key), timeout=30) as client:
        yield client


@pytest.fixture
def other_client(api: str, make_key: Callable[[str], str]) -> Iterator[httpx.Client]:
    """An HTTP client with the key of another team."""
    with httpx.Client(base_url=api, headers=_bearer(make_key("team b")), timeout=30) as client:
        yield client


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Run the API in a thread of its own, on a free port of the loopback interface."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_config=None, lifespan="on", http=HttpProtocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _settings(database_url: str, redis_url: str, storage_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        storage_url=storage_url,
        rate_limit=0,
        lease_seconds=2,
        log_level="warning",
    )


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
