"""Clients that break off, at every moment: a line in the log and nothing else."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
import pytest

from tests.acceptance.conftest import Process, Product
from tests.integration.imports.failures.test_file import is_writer
from tests.support.engine import run_next
from tests.support.patience import wait_until, wait_until_ready
from tests.support.ports import free_port
from tests.support.raw_http import Raw, connected, form, head, upload_head

CSV = b"email\n" + b"a@b.co\n" * 300_000
BAD_CSV = b"email,note\n" + b"".join(b"p%d,%b\n" % (n, b"x" * 500) for n in range(60_000))


@dataclass
class Server:
    """A running API whose log says everything."""

    url: str
    process: Process
    product: Product

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.process.log.read_text().splitlines()]

    def broken_off(self) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == "client broke off"]

    def files(self) -> list[str]:
        folder = urlsplit(self.product.settings.storage_url).path
        # Folders go away while one looks.
        return [name for _, _, names in os.walk(folder) for name in names]

    def writers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if is_writer(child)]

    def open_sockets(self) -> int:
        connections = psutil.Process(self.process.pid).net_connections("tcp")
        port = urlsplit(self.url).port
        return sum(1 for c in connections if c.laddr.port == port and c.status != "LISTEN")


@pytest.fixture
def server(product: Product) -> Iterator[Server]:
    """The API as a process; in the end its log must have no error."""
    port = free_port()
    process = product.start(
        "api",
        *("--port", str(port)),
        ROLLCALL_LOG_LEVEL="info",
        ROLLCALL_LOG_FORMAT="json",
        ROLLCALL_ANSWER_TIMEOUT_SECONDS="2",
    )
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(url)
    running = Server(url, process, product)
    yield running
    wait_until(lambda: running.open_sockets() == 0)
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert [line for line in running.log() if line["level"] not in ("info", "debug")] == []
    assert "Traceback" not in process.log.read_text()


def close(raw: Raw) -> None:
    raw.socket.close()


# With a FIN, and with an RST.
ENDS = (close, Raw.reset)
MOMENTS = {
    "before the body": b"",
    "in a boundary": form(CSV)[:3],
    "in a part's headers": form(CSV)[:50],
    "at the start of the file": form(CSV)[:100],
    "in the middle of the file": form(CSV)[:1_500_000],
    "between two parts": form(CSV)[:-10] + b"\r\n--xx\r\nContent-Dis",
    "before the end": form(CSV)[:-2],
}


def break_off(server: Server, content: bytes) -> None:
    """Send this twice and go away, in both ways."""
    for end in ENDS:
        with connected(server.url) as raw:
            raw.send(content)
            time.sleep(0.2)
            end(raw)


def test_in_an_upload(server: Server, team_key: str) -> None:
    for content in MOMENTS.values():
        break_off(server, upload_head(team_key, content_length=3_000_000) + content)
    wait_until(lambda: len(server.broken_off()) == 2 * len(MOMENTS))
    for line in server.broken_off():
        assert line["level"] == "info"
        assert (line["method"], line["path"]) == ("POST", "/contacts/imports")
        assert str(uuid.UUID(line["request_id"])) == line["request_id"]
    wait_until(lambda: server.files() == [])


def test_in_a_json_body_or_a_head(server: Server, team_key: str) -> None:
    start = head("POST /segments", team_key, content_type="application/json", content_length=12)
    for content in (b"", b'{"name":', b'{"name":"x"'):
        break_off(server, start + content)
    wait_until(lambda: len(server.broken_off()) == 6)
    assert {line["path"] for line in server.broken_off()} == {"/segments"}
    for content in (b"GET /con", b"GET /contacts HTTP/1.1\r\nAuthori"):
        break_off(server, content)
    wait_until(lambda: len(server.broken_off()) == 10)


def test_between_two_requests_it_is_nothing(server: Server) -> None:
    break_off(server, b"")
    break_off(server, head("GET /healthz"))
    wait_until(lambda: server.open_sockets() == 0)
    assert server.broken_off() == []


def test_while_the_app_works(server: Server, team_key: str) -> None:
    with psycopg.connect(server.product.settings.psycopg_dsn) as locked:
        locked.execute("LOCK TABLE segments")
        break_off(server, head("GET /segments", team_key))
        wait_until(lambda: len(server.broken_off()) == 2)
        locked.rollback()
    assert {(line["method"], line["path"]) for line in server.broken_off()} == {
        ("GET", "/segments")
    }


def test_people_are_not_named(server: Server, team_key: str) -> None:
    path = "/contacts/lovelace%40example.com"
    break_off(server, head(f"PATCH {path}", team_key, content_length=12))
    wait_until(lambda: len(server.broken_off()) == 2)
    assert {line["path"] for line in server.broken_off()} == {"/contacts/(withheld)"}
    assert "lovelace" not in server.process.log.read_text()


@pytest.mark.parametrize("end", ENDS, ids=["FIN", "RST"])
def test_while_an_answer_is_sent(server: Server, team_key: str, end: Callable[[Raw], None]) -> None:
    id_ = _failed_import(server, team_key)
    for path, wanted in (("failures.csv", b"text/csv"), ("events", b"text/event-stream")):
        with connected(server.url, receive_buffer=64 * 1024) as raw:
            raw.send(head(f"GET /contacts/imports/{id_}/{path}", team_key))
            assert wanted in raw.socket.recv(1000)
            end(raw)
    wait_until(lambda: not server.writers())
    wait_until(lambda: server.open_sockets() == 0)
    (line,) = [line for line in server.broken_off() if line["path"].endswith(".csv")]
    assert line["method"] == "GET"


def test_a_client_that_never_takes_its_answer(server: Server, team_key: str) -> None:
    id_ = _failed_import(server, team_key)
    with connected(server.url, receive_buffer=64 * 1024) as raw:
        raw.send(head(f"GET /contacts/imports/{id_}/failures.csv", team_key))
        wait_until(lambda: any("takes nothing" in str(line.get("reason")) for line in server.log()))
        wait_until(lambda: not server.writers())
        assert not raw.wait_for_end().endswith(b"0\r\n\r\n")


def _failed_import(server: Server, team_key: str) -> str:
    """Import a file of which all rows fail; return the import's id."""
    response = httpx.post(
        f"{server.url}/contacts/imports",
        files={"file": BAD_CSV},
        headers={"Authorization": f"Bearer {team_key}"},
    )
    assert response.status_code == 201
    run_next(server.product.settings)
    return str(response.json()["id"])
