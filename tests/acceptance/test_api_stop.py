"""An API that is told to stop: what is under way may end, what takes too long is cut off."""

from __future__ import annotations

import signal
import socket
import time
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.acceptance.conftest import Product
from tests.acceptance.test_breaking_off import CSV, Server
from tests.support.patience import wait_until, wait_until_ready
from tests.support.ports import free_port
from tests.support.raw_http import Raw, connected, form, head, upload_head

WORKERS = pytest.mark.parametrize("workers", ["1", "2"])


def start(product: Product, workers: str, seconds: str) -> Server:
    """Start an API in so many processes that gives requests so long to end."""
    port = free_port()
    process = product.start(
        "api",
        *("--port", str(port), "--workers", workers),
        ROLLCALL_API_SHUTDOWN_SECONDS=seconds,
        ROLLCALL_LOG_LEVEL="info",
        ROLLCALL_LOG_FORMAT="json",
    )
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(url)
    return Server(url, process, product)


def stop(server: Server) -> None:
    """Tell it to stop, and wait until it takes no more connections."""
    server.process.popen.send_signal(signal.SIGTERM)
    address = urlsplit(server.url)

    def is_refused() -> bool:
        try:
            with socket.create_connection((address.hostname, address.port), timeout=1):
                return False
        except ConnectionRefusedError:
            return True

    wait_until(is_refused, seconds=20)


def begin_upload(server: Server, raw: Raw, key: str) -> None:
    raw.send(upload_head(key, content_length=len(form(CSV))) + form(CSV)[:1_000_000])
    wait_until(lambda: server.files() != [])


@WORKERS
def test_what_is_under_way_comes_to_its_end(
    product: Product, team_key: str, connection: psycopg.Connection[object], workers: str
) -> None:
    server = start(product, workers, "60")
    with connected(server.url) as upload, connected(server.url) as idle:
        idle.send(head("GET /healthz"))
        assert idle.answer("GET").status == 200
        begin_upload(server, upload, team_key)
        stop(server)
        assert idle.wait_for_end() == b""
        upload.send(form(CSV)[1_000_000:])
        answer = upload.answer()
        assert (answer.status, answer.headers["connection"]) == (201, "close")
        assert server.process.popen.wait(60) in (0, -signal.SIGTERM)
    assert connection.execute("SELECT size FROM contact_imports").fetchall() == [(len(CSV),)]
    assert len(server.files()) == 1


@WORKERS
def test_what_takes_too_long_is_told_so_and_leaves_nothing(
    product: Product, team_key: str, connection: psycopg.Connection[object], workers: str
) -> None:
    server = start(product, workers, "1")
    with connected(server.url) as upload, connected(server.url) as body:
        body.send(head("POST /segments", team_key, content_length=10))
        begin_upload(server, upload, team_key)
        stop(server)
        for raw in (upload, body):
            answer = raw.answer()
            answer.check_error(503, "application_error")
            assert int(answer.headers["retry-after"]) > 0
            assert raw.wait_for_end() == b""
        assert server.process.popen.wait(30) in (0, -signal.SIGTERM)
    assert server.files() == []
    assert connection.execute("SELECT count(*) FROM contact_imports").fetchone() == (0,)
    errors = [line for line in server.log() if line["level"] == "error"]
    assert errors == []
    assert "Traceback" not in server.process.log.read_text()


@WORKERS
def test_who_only_waits_does_not_hold_it_up(product: Product, team_key: str, workers: str) -> None:
    """An hour would do, and is not taken by clients that send or read nothing."""
    server = start(product, workers, "3600")
    created = httpx.post(
        f"{server.url}/contacts/imports",
        files={"file": b"email\na@b.co\n"},
        headers={"Authorization": f"Bearer {team_key}"},
    ).json()["id"]
    with connected(server.url) as events, connected(server.url) as late, connected(server.url):
        events.send(head(f"GET /contacts/imports/{created}/events", team_key))
        assert b" 200 " in events.socket.recv(100)
        late.send(b"GET /hea")
        time.sleep(0.2)
        stop(server)
        assert events.wait_for_end().endswith(b"0\r\n\r\n")
        assert server.process.popen.wait(30) in (0, -signal.SIGTERM)
