"""Answers that come before a request is sent: they arrive, and nobody may send on for ever."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import requests

from rollcall.config import Settings
from rollcall.web import http_transport
from tests.support.raw_http import Raw, chunk, connected, head, upload_head

SIZE = 30 * 1024 * 1024
PATH = "/contacts/imports"


@pytest.fixture
def small_url(impatient: Settings, serve: Callable[[Settings], str]) -> str:
    """The base URL of an API that takes no large files."""
    return serve(impatient.model_copy(update={"max_upload_bytes": 1_000_000}))


def with_httpx(url: str, key: str, file: Path) -> int:
    with file.open("rb") as content:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(url, files={"file": content}, headers=headers).status_code


def with_httpx_chunked(url: str, key: str, file: Path) -> int:
    def content() -> Iterator[bytes]:
        yield b'--xx\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        with file.open("rb") as opened:
            while data := opened.read(65536):
                yield data

    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "multipart/form-data; boundary=xx",
    }
    return httpx.post(url, content=content(), headers=headers).status_code


def with_requests(url: str, key: str, file: Path) -> int:
    with file.open("rb") as content:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.post(url, data=content, headers=headers, timeout=60).status_code


def with_curl(url: str, key: str, file: Path) -> int:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-F", f"file=@{file}"]
    ended = subprocess.run(
        [*command, "-H", f"Authorization: Bearer {key}", url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


@pytest.mark.parametrize("post", [with_httpx, with_httpx_chunked, with_requests, with_curl])
def test_a_large_body_that_is_refused(
    small_url: str, team_key: str, tmp_path: Path, post: Callable[[str, str, Path], int]
) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"email\n" + b"a@b.co\n" * (SIZE // 7))
    assert post(f"{small_url}{PATH}", "re_unknown", file) == 403
    assert post(f"{small_url}{PATH}", team_key, file) == 413


def test_a_connection_goes_on_behind_a_body_that_nobody_wanted(url: str) -> None:
    with connected(url) as raw:
        raw.send(upload_head("re_unknown", content_length=3_000_000))
        raw.answer().check_error(403, "invalid_api_key")
        raw.send(b"x" * 3_000_000 + head("GET /healthz"))
        assert raw.answer("GET").status == 200


def test_who_hardly_sends_on_is_cut_off(url: str) -> None:
    with connected(url) as raw:
        raw.send(upload_head("re_unknown", content_length=3_000_000))
        raw.answer().check_error(403, "invalid_api_key")
        raw.dribble(b"x" * 1000)
        assert raw.wait_for_end() == b""


def test_who_sends_nothing_more_is_cut_off(url: str) -> None:
    with connected(url) as raw:
        raw.send(upload_head("re_unknown", content_length=3_000_000))
        raw.answer().check_error(403, "invalid_api_key")
        assert raw.wait_for_end() == b""


@pytest.mark.parametrize(
    "request_head",
    [
        upload_head("re_unknown", transfer_encoding="chunked"),
        upload_head("re_unknown", transfer_encoding="chunked", connection="close"),
        b"GET /" + b"x" * 70_000,
    ],
    ids=["kept alive", "closed", "an endless head"],
)
def test_who_never_stops_is_cut_off(
    url: str, monkeypatch: pytest.MonkeyPatch, request_head: bytes
) -> None:
    monkeypatch.setattr(http_transport, "MAX_UNREAD_BYTES", 4_000_000)
    with connected(url) as raw:
        raw.send(request_head)
        assert raw.answer().status in (403, 431)
        with pytest.raises(ConnectionError):
            _send(raw, 1_000_000_000)


def _send(raw: Raw, size: int) -> None:
    for _ in range(size // 65536):
        raw.send(chunk(b"x" * 65536))
