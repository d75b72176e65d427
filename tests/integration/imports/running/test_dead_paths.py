"""Which connections of a worker are taken for dead: both sides wait, and nothing changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.database.worker_connection import WorkerConnection
from rollcall.imports.running import sessions
from rollcall.imports.running.dead_paths import DeadPaths
from rollcall.worker.setup import connect_worker
from tests.support.network import Path, path_to
from tests.support.patience import wait_until

Asked = Callable[[WorkerConnection], object]
SECONDS = 0.5
WAITS = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = %s"


@pytest.fixture
def path(settings: Settings) -> Iterator[Path]:
    with path_to(settings.database_url) as path:
        yield path


@pytest.fixture
def asking(settings: Settings) -> Iterator[WorkerConnection]:
    with connect_worker(settings) as connection:
        yield connection


@contextmanager
def at_work(settings: Settings, path: Path, ask: Asked) -> Iterator[WorkerConnection]:
    """Ask for something over the path in a thread of its own; it is broken off in the end."""
    there = settings.model_copy(update={"database_url": path.leading(settings.database_url)})

    def work() -> None:
        with pytest.raises(psycopg.OperationalError):
            ask(connection)

    with connect_worker(there) as connection:
        thread = threading.Thread(target=work)
        thread.start()
        try:
            wait_until(lambda: connection.waits() > 0)
            yield connection
        finally:
            connection.break_off()
            thread.join()
    assert connection.closed


def pid_of(connection: WorkerConnection) -> int:
    assert connection.session is not None
    return connection.session[0]


def look_for(seconds: float, asking: WorkerConnection, waiting: WorkerConnection) -> list[Any]:
    """Look again and again while a connection waits for so long; return what was found."""
    paths = DeadPaths(SECONDS, 0)
    found: list[Any] = []
    until = waiting.waits() + seconds

    def look() -> bool:
        found.extend(paths.find(asking))
        return bool(found) or waiting.waits() > until

    wait_until(look)
    return found


def test_a_server_that_works_or_waits_for_others_is_alive(
    settings: Settings, path: Path, asking: WorkerConnection, connection: psycopg.Connection[Any]
) -> None:
    with ExitStack() as stack:
        stack.enter_context(connection.transaction())
        connection.execute("LOCK TABLE contacts")
        asked = {
            "Lock": "SELECT FROM contacts",
            "Timeout": "SELECT pg_sleep(600)",
        }
        for kind, query in asked.items():
            with at_work(settings, path, lambda c: c.execute(query)) as waiting:  # noqa: B023
                pid = pid_of(waiting)
                wait_until(lambda: asking.execute(WAITS, (pid, kind)).rowcount == 1)  # noqa: B023
                assert look_for(3 * SECONDS, asking, waiting) == []


def ask_when_dead(path: Path) -> Asked:
    def ask(connection: WorkerConnection) -> None:
        path.die()
        connection.execute("SELECT 1")

    return ask


def test_what_does_not_arrive_is_waited_for_in_vain(
    settings: Settings, path: Path, asking: WorkerConnection
) -> None:
    with at_work(settings, path, ask_when_dead(path)) as waiting:
        assert look_for(600, asking, waiting) == [waiting]


def test_a_session_that_is_gone_has_not_answered(
    settings: Settings, path: Path, asking: WorkerConnection
) -> None:
    with at_work(settings, path, ask_when_dead(path)) as waiting:
        asking.execute("SELECT pg_terminate_backend(%s, 60000)", (pid_of(waiting),))
        assert sessions.find_stalls(asking, [waiting.session, asking.session]) == ["gone", None]
        assert look_for(600, asking, waiting) == [waiting]


def test_looks_that_are_far_apart_do_not_count(
    settings: Settings, path: Path, asking: WorkerConnection
) -> None:
    """As those of a process that was frozen in between."""
    with at_work(settings, path, ask_when_dead(path)) as waiting:
        paths = DeadPaths(SECONDS, 0)
        for _ in range(3):
            until = waiting.waits() + 2 * SECONDS
            assert paths.find(asking) == []
            wait_until(lambda: waiting.waits() > until)  # noqa: B023


def test_a_copy_that_goes_on_is_seen(settings: Settings, asking: WorkerConnection) -> None:
    with connect_worker(settings) as copying:
        copying.execute("CREATE TEMPORARY TABLE lines (line text)")
        with copying.cursor().copy("COPY lines FROM STDIN") as copy:

            def write() -> None:
                for _ in range(16):
                    copy.write("x" * 65_535 + "\n")

            def stall() -> str | None:
                return sessions.find_stalls(asking, [copying.session])[0]

            write()
            wait_until(lambda: stall() is not None)
            before = stall()
            write()
            wait_until(lambda: stall() not in (None, before))
