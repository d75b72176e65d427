"""Clients that never got their answer, and ask again with the same `Idempotency-Key`."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from tests.acceptance.conftest import Product
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
HEADERS = {"Idempotency-Key": "once", "Content-Type": "multipart/form-data; boundary=xx"}


def form(rows: int) -> bytes:
    head = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\nemail\n'
    lines = b"".join(b"somebody.number.%d@example.com\n" % n for n in range(rows))
    return head + lines + b"\r\n--xx--\r\n"


def headers_of(key: str) -> dict[str, str]:
    return {**HEADERS, "Authorization": f"Bearer {key}"}


def imports_in(connection: Connection) -> int:
    return len(connection.execute("SELECT FROM contact_imports").fetchall())


def test_a_large_upload_whose_answer_was_lost(
    product: Product, team_key: str, connection: Connection
) -> None:
    url = product.start_api()
    content = form(5_000_000)
    assert 150_000_000 < len(content) < 200 * 1024 * 1024
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port))) as raw:
        lines = [f"{name}: {value}" for name, value in headers_of(team_key).items()]
        head = ["POST /contacts/imports HTTP/1.1", "Host: x", *lines]
        raw.sendall("\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode())
        raw.sendall(content)
        wait_until(lambda: imports_in(connection) == 1)
    first = connection.execute("SELECT id::text FROM contact_imports").fetchone()
    assert first is not None
    again = httpx.post(f"{url}/contacts/imports", content=content, headers=headers_of(team_key))
    assert (again.status_code, again.json()["id"]) == (201, first[0])
    assert imports_in(connection) == 1
    uploads = urlsplit(product.settings.storage_url).path
    assert len([p for p in product.folder.glob("uploads/**/*") if p.is_file()]) == 1, uploads


def test_a_retry_after_the_api_has_crashed(
    product: Product, team_key: str, connection: Connection
) -> None:
    """The API dies with a request that has done its work and not committed it."""
    url = product.start_api()
    with psycopg.connect(product.settings.psycopg_dsn) as other:
        # The insert of the import's row waits for this lock.
        other.execute("LOCK TABLE contact_imports IN SHARE MODE")
        host, port = urlsplit(url).netloc.split(":")
        with socket.create_connection((host, int(port))) as raw:
            content = form(10)
            lines = [f"{name}: {value}" for name, value in headers_of(team_key).items()]
            head = ["POST /contacts/imports HTTP/1.1", "Host: x", *lines]
            raw.sendall("\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode())
            raw.sendall(content)
            waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            wait_until(lambda: connection.execute(waiting).fetchone() is not None)
            product.processes[-1].kill()
        other.rollback()
    url = product.start_api()
    retry = f"{url}/contacts/imports"
    wait_until(
        lambda: httpx.post(retry, content=content, headers=headers_of(team_key)).status_code == 201
    )
    assert imports_in(connection) == 1
