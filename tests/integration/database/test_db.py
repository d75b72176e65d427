"""Connections of the API to its database, and what becomes of those that are lost."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from rollcall.config import Settings
from rollcall.database.deadlines import database_budget
from rollcall.database.engine import create_engine
from rollcall.web.unavailable import unavailability
from tests.support.tcp_proxy import Network, network_to


def test_lost_connections_are_replaced_unnoticed(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    body = {"name": "News"}
    for _ in range(3):
        assert client.get("/segments").status_code == 200
        assert client.post("/segments", json=body).status_code == 201
        assert end_connections(connection) > 0
    assert client.post("/segments", json=body).status_code == 201


def end_connections(connection: psycopg.Connection[Any]) -> int:
    """End all connections of the API, as a server that restarts does; return how many."""
    rows = connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'rollcall-api' AND datname = current_database()"
    ).fetchall()
    assert all(ended for (ended,) in rows)
    return len(rows)


@pytest.mark.parametrize("is_silent", [True, False])
def test_who_waits_for_a_connection_in_vain_is_told_why(
    settings: Settings, is_silent: bool
) -> None:
    """That the database is silent is known before those who have the connections give it up."""
    address = urlsplit(settings.database_url)
    assert address.hostname
    assert address.port
    with network_to(address.hostname, address.port) as network:
        place = address.netloc.replace(f":{address.port}", f":{network.port}")
        url = address._replace(netloc=place).geturl()
        limits = {"database_url": url, "db_pool_size": 1, "db_timeout_seconds": 3.0}
        asyncio.run(wait_in_vain(settings.model_copy(update=limits), network, is_silent=is_silent))


async def wait_in_vain(settings: Settings, network: Network, *, is_silent: bool) -> None:
    """Wait for a connection while both are in use, by those who ask or by those who do not."""
    engine = create_engine(settings)
    async with engine.connect() as first, engine.connect() as second:
        # The first statement of each, before which nothing is known of the session.
        for each in (first, second):
            await each.execute(text("SELECT 1"))
        asking: list[asyncio.Task[Any]] = []
        if is_silent:
            network.is_swallowing = True
            asking = [
                asyncio.create_task(each.execute(text("SELECT 2"))) for each in (first, second)
            ]
            await asyncio.sleep(0)
        with database_budget(2.5), pytest.raises((DBAPIError, NoConnectionFree)) as raised:
            await engine.connect()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(each, DBAPIError) for each in answers)
    await engine.dispose()
    reason = "does not answer" if is_silent else "no connection was free"
    assert reason in str(unavailability(raised.value))
