"""What connections of the API and of workers agree on with the database and with the kernel."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from rollcall.config import Settings
from rollcall.database import connections
from rollcall.database.engine import create_engine
from rollcall.worker.setup import connect_worker

SHOWN = [
    "application_name",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_keepalives_count",
    "tcp_user_timeout",
    "client_connection_check_interval",
]
SETTINGS = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in SHOWN))
SOCKET_OPTIONS = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
]


def of_api(settings: Settings) -> tuple[list[str], list[int]]:
    async def look() -> tuple[list[str], list[int]]:
        engine = create_engine(settings)
        try:
            async with engine.connect() as connection:
                shown = (await connection.execute(SETTINGS)).one()
                raw = await connection.get_raw_connection()
                return list(shown), socket_options(raw.driver_connection)
        finally:
            await engine.dispose()

    return asyncio.run(look())


def of_worker(settings: Settings) -> tuple[list[str], list[int]]:
    with connect_worker(settings) as connection:
        shown = connection.execute(SETTINGS.text).fetchone()
        assert shown is not None
        return list(shown), socket_options(connection)


def socket_options(connection: Any) -> list[int]:
    with socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
        return [duplicate.getsockopt(level, option) for level, option in SOCKET_OPTIONS]


@pytest.mark.parametrize(
    ("look", "name"), [(of_api, "rollcall-api"), (of_worker, "rollcall-worker")]
)
def test_both_sides_notice_that_the_other_has_vanished(
    settings: Settings, look: Callable[[Settings], tuple[list[str], list[int]]], name: str
) -> None:
    shown, options = look(settings)
    assert shown == [name, "10", "5", "3", "10000", "1s"]
    assert options == [1, 10, 5, 3, 10_000]


@pytest.mark.parametrize("look", [of_api, of_worker])
def test_what_the_address_says_is_not_overruled(
    settings: Settings, look: Callable[[Settings], tuple[list[str], list[int]]]
) -> None:
    own = (
        "?application_name=mine&keepalives_idle=77&keepalives_count=9&tcp_user_timeout=4321"
        "&options=-c%20tcp_keepalives_idle%3D55%20-c%20tcp_user_timeout%3D1234"
    )
    changed = settings.model_copy(update={"database_url": settings.database_url + own})
    shown, options = look(changed)
    assert shown == ["mine", "55", "5", "3", "1234", "1s"]
    assert options == [1, 77, 5, 9, 4321]


def test_a_wrong_address_is_an_error_of_the_driver(settings: Settings) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        connections.connect(settings.psycopg_dsn + "?nonsense=1", "test", {})
