"""Bodies that stop coming: they are given up in time, and nothing is left of them."""

from __future__ import annotations

import asyncio
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import obstore
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.patience import wait_until
from tests.support.raw_http import chunk, connected, form, head, upload_head
from tests.support.workbooks import pack

CSV = b"email\n" + b"a@b.co\n" * 300_000
NothingKept = Callable[[], None]

SILENT_UPLOADS = {
    "before the first byte": b"",
    "in a boundary": b"--x",
    "in a part's headers": form(b"")[:40],
    "in the file": form(CSV)[:1_500_000],
    "behind the file": form(CSV)[:-10],
    "before the closing boundary": form(CSV)[:-4],
}


@pytest.mark.parametrize("content", SILENT_UPLOADS.values(), ids=SILENT_UPLOADS.keys())
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_that_is_silent(
    url: str, team_key: str, nothing_kept: NothingKept, content: bytes, chunked: bool
) -> None:
    with connected(url) as raw:
        if chunked:
            raw.send(upload_head(team_key, transfer_encoding="chunked"))
            # A chunk that is announced and does not come is silence too.
            raw.send((chunk(content) if content else b"") + b"100\r\n")
        else:
            raw.send(upload_head(team_key, content_length=len(form(CSV))) + content)
        answer = raw.answer()
        answer.check_error(408)
        assert answer.headers["connection"] == "close"
        assert raw.wait_for_end() == b""
        nothing_kept()


@pytest.mark.parametrize(
    "content",
    [b"", b'{"na'],
    ids=["nothing", "half of it"],
)
@pytest.mark.parametrize("framing", [{"content_length": 12}, {"transfer_encoding": "chunked"}])
def test_a_json_body_that_is_silent(
    url: str, team_key: str, content: bytes, framing: dict[str, Any]
) -> None:
    with connected(url) as raw:
        raw.send(head("POST /segments", team_key, content_type="application/json", **framing))
        raw.send(chunk(content) if "transfer_encoding" in framing and content else content)
        answer = raw.answer()
        answer.check_error(408)
        assert answer.body["message"] == "Nothing of the request's body came for 1.5 seconds."
        assert raw.wait_for_end() == b""


def test_a_packed_file_that_is_silent(url: str, team_key: str, nothing_kept: NothingKept) -> None:
    content = form(pack({"c.csv": CSV}, zipfile.ZIP_STORED))
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=len(content)) + content[:-1000])
        raw.answer().check_error(408)
    nothing_kept()


def test_framing_without_content_is_silence(url: str, team_key: str) -> None:
    """What comes is no part of the body, and would otherwise keep it alive for ever."""
    with connected(url) as raw:
        raw.send(head("POST /segments", team_key, transfer_encoding="chunked"))
        raw.send(chunk(b"{") + b"1;")
        raw.dribble(b"x" * 5000)
        raw.answer().check_error(408)


def test_an_upload_that_is_slow_and_not_silent(url: str, team_key: str) -> None:
    content = form(b"email\na@b.co\n")
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=len(content)))
        raw.dribble(content, pause=0.04)
        assert raw.answer().status == 201


def test_a_storage_that_is_slow_is_not_the_clients_silence(
    url: str, team_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = obstore.put_async

    async def slowly(store: Any, key: str, chunks: Any, **options: Any) -> Any:
        async def slow_chunks() -> Any:
            waits = iter([2.5, 2.5])
            async for data in chunks:
                yield data
                await asyncio.sleep(next(waits, 0))

        return await put(store, key, slow_chunks(), **options)

    monkeypatch.setattr(obstore, "put_async", slowly)
    response = httpx.post(
        f"{url}/contacts/imports",
        files={"file": CSV},
        headers={"Authorization": f"Bearer {team_key}"},
    )
    assert response.status_code == 201


def test_a_client_that_waits_to_be_asked_for_its_body(url: str, team_key: str) -> None:
    content = form(b"email\na@b.co\n")
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=len(content), expect="100-continue"))
        assert raw.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.send(content)
        assert raw.answer().status == 201
        raw.send(head("GET /healthz"))
        assert raw.answer("GET").status == 200


def test_one_that_is_asked_and_does_not_send(
    url: str, team_key: str, nothing_kept: NothingKept
) -> None:
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=100, expect="100-continue"))
        assert raw.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.answer().check_error(408)
    nothing_kept()


@pytest.mark.parametrize("expect", ["100-continue", "100-Continue"])
def test_one_that_is_refused_before_it_is_asked(url: str, expect: str) -> None:
    """Nobody can tell whether its body or its next request comes now."""
    with connected(url) as raw:
        raw.send(upload_head("re_unknown", content_length=1_000_000, expect=expect))
        answer = raw.answer()
        answer.check_error(403, "invalid_api_key")
        assert answer.headers["connection"] == "close"
        assert raw.wait_for_end() == b""


def test_silent_bodies_hold_no_database_connection_and_are_in_nobodys_way(
    url: str, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    with httpx.Client(base_url=url) as client:
        hanging = [threading.Thread(target=_hang, args=(url, team_key)) for _ in range(60)]
        for thread in hanging:
            thread.start()
        headers = {"Authorization": f"Bearer {team_key}"}
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/contacts", headers=headers).status_code == 200
        for thread in hanging:
            thread.join()


def _hang(url: str, team_key: str) -> None:
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=1000) + b"--x")
        raw.answer().check_error(408)


def test_no_half_written_file_is_left_when_it_is_given_up(
    url: str, team_key: str, settings: Settings, nothing_kept: NothingKept
) -> None:
    folder = Path(urlsplit(settings.storage_url).path)
    with connected(url) as raw:
        raw.send(upload_head(team_key, content_length=len(form(CSV))) + form(CSV)[:1_500_000])
        wait_until(lambda: any(path.is_file() for path in folder.rglob("*")))
        started = time.monotonic()
        raw.answer().check_error(408)
        assert time.monotonic() - started < 30
    nothing_kept()
