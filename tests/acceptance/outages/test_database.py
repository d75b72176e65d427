"""A database that is frozen, gone, locked or full: every request is answered, and it recovers."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.outages import (
    FILE,
    KINDS,
    MANY,
    READY_SECONDS,
    World,
    ask_at_once,
    check_one_line_each,
    check_unavailable,
    check_works_at_once,
    ended,
    frozen,
    frozen_server,
    server_of,
    sessions_of,
    swallowing,
    wait_until_well,
)
from tests.support.patience import wait_until

Outage = Callable[[World], AbstractContextManager[None]]


def killed(world: World) -> AbstractContextManager[None]:
    return ended(server_of(world), signal.SIGKILL, world)


def shut_down(world: World) -> AbstractContextManager[None]:
    return ended(server_of(world), signal.SIGINT, world)


@contextmanager
def shutting_down(world: World) -> Iterator[None]:
    """While a session is left, the server lives, and takes no new one: 57P03, as at its start."""
    server = server_of(world)
    with world.connect() as last:
        server.send_signal(signal.SIGTERM)
        end_sessions(last)
        yield
    server.wait(60)
    world.restart()


def swallowed(world: World) -> AbstractContextManager[None]:
    """Within statements."""
    return swallowing(world.database)


@contextmanager
def swallowed_at_connect(world: World) -> Iterator[None]:
    with world.connect() as connection:
        end_sessions(connection)
    with swallowing(world.database):
        yield


def end_sessions(connection: psycopg.Connection[Any]) -> None:
    """End those of the API."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'rollcall-api'"
    )


@pytest.mark.parametrize(
    ("outage", "reason"),
    [
        (frozen_server, "does not answer"),
        (swallowed, "does not answer"),
        (swallowed_at_connect, ""),
        (killed, ""),
        (shut_down, ""),
        (shutting_down, ""),
    ],
)
def test_every_request_is_refused_in_time(world: World, outage: Outage, reason: str) -> None:
    files = world.api.files()
    with outage(world):
        refused = ask_at_once(world.api, list(KINDS.values()) * 3)
        ready = world.api.ready()
        refused += ask_at_once(world.api, list(KINDS.values()))
    check_unavailable(refused)
    assert ready.elapsed.total_seconds() < READY_SECONDS
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert ready.json()["checks"]["database"] == "unreachable"
    assert world.api.files() == files
    check_one_line_each(world.api.log(), refused, reason)
    check_works_at_once(world.api)


def test_frozen_sessions_are_replaced_while_they_are_frozen(world: World) -> None:
    with frozen(sessions_of(world)):
        answers = ask_at_once(world.api, [KINDS["list"]] * 4)
        log = world.api.log()
        check_works_at_once(world.api)
        assert world.api.ready().json()["status"] == "ok"
    refused = [timed for timed in answers if timed.answer.status_code != 200]
    check_unavailable(refused)
    check_works_at_once(world.api)
    check_one_line_each(log, refused, "does not answer")


def test_a_locked_table(world: World) -> None:
    """More requests wait for it than there are connections, and it is not the whole API's end."""
    with world.connect() as other, other.transaction():
        other.execute("LOCK TABLE contacts, contact_imports IN ACCESS EXCLUSIVE MODE")
        answers = ask_at_once(world.api, [KINDS["list"], KINDS["create"], KINDS["imports"]] * 10)
        assert world.api.ready().json()["status"] == "ok"
        (other_table,) = ask_at_once(world.api, [KINDS["segment"]])
    assert other_table.answer.status_code == 201
    check_unavailable(answers)
    check_one_line_each(world.api.log(), answers)
    assert any("lock timeout" in line for line in world.api.log())
    check_works_at_once(world.api)


def test_a_locked_row(world: World) -> None:
    with world.api.client() as client:
        id_ = KINDS["create"](client).json()["id"]
    with world.connect() as other, other.transaction():
        other.execute("SELECT FROM contacts WHERE id = %s FOR UPDATE", (id_,))
        answers = ask_at_once(
            world.api, [lambda c: c.patch(f"/contacts/{id_}", json={"first_name": "A"})] * 3
        )
    check_unavailable(answers)
    check_one_line_each(world.api.log(), answers, " timeout")


def test_a_full_server(world: World) -> None:
    """It takes no further session: 53300. Those that there are go on."""
    with ExitStack() as stack:
        taken = [*fill(world, stack)]
        served = ask_at_once(world.api, [KINDS["list"]])
        # Now those of the API are gone, and it gets no others.
        taken[0].execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'rollcall-api' AND datname = current_database()"
        )
        taken += fill(world, stack)
        refused = ask_at_once(world.api, [KINDS["list"]] * MANY)
    assert [timed.answer.status_code for timed in served] == [200]
    check_unavailable(refused)
    check_one_line_each(world.api.log(), refused)
    check_works_at_once(world.api)


def fill(world: World, stack: ExitStack) -> Iterator[psycopg.Connection[Any]]:
    """Take all sessions that the server has left."""
    with suppress(psycopg.OperationalError):
        while True:
            yield stack.enter_context(world.connect())


@pytest.mark.parametrize("outage", [frozen_server, swallowed, killed])
def test_an_upload_that_cannot_be_recorded(world: World, outage: Outage) -> None:
    """It is stored to its end, and deleted again."""
    files = world.api.files()
    go_on = threading.Event()

    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nemail\r\n'
        yield b"grace@example.com\r\n" * 100_000
        assert go_on.wait(120)
        yield b"ada@example.com\r\n--x--\r\n"

    def send() -> None:
        with world.api.client() as client:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            answers.append(client.post("/contacts/imports", content=body(), headers=headers))

    answers: list[httpx.Response] = []
    thread = threading.Thread(target=send)
    thread.start()
    wait_until(lambda: len(world.api.files()) > len(files))
    # Longer than a request may wait for the database: to wait for its body does not count.
    time.sleep(2.5)
    with outage(world):
        go_on.set()
        thread.join()
        assert answers[0].status_code == 503
        assert world.api.files() == files
    wait_until_well(world)
    with world.api.client() as client:
        assert client.post("/contacts/imports", files=FILE).status_code == 201
    assert len(world.api.files()) == len(files) + 1


def test_streams_outlive_a_frozen_database(world: World) -> None:
    with world.api.client() as client:
        id_ = client.post("/contacts/imports", files=FILE).json()["id"]
        with client.stream("GET", f"/contacts/imports/{id_}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: progress"
            with frozen_server(world):
                time.sleep(6)
            assert client.post(f"/contacts/imports/{id_}/cancel").status_code == 200
            assert "event: failed" in list(lines)
    blind = [line for line in world.api.log() if "watched imports cannot be read" in line]
    assert len(blind) == 1
    assert "Traceback" not in "\n".join(world.api.log())
