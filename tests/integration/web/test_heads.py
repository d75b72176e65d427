"""Heads of requests: how large they may be, and how long they may take."""

from __future__ import annotations

import contextlib
import re
import time

import httpx
import pytest

from tests.support.raw_http import Raw, chunk, connected, head

LIMIT = 64 * 1024
MANY = 20 * 1024 * 1024


def filler(size: int) -> bytes:
    return b"".join(b"X-%04d: %b\r\n" % (n, b"y" * (size // 50)) for n in range(50))


TOO_LARGE = {
    "one header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * MANY,
    "blanks before a value": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX:" + b" " * MANY,
    "a name": b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"x" * MANY,
    "a complete head": b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + filler(LIMIT) + b"\r\n",
    "twenty thousand headers": b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    "101 headers": b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
    "a URL": b"GET /" + b"x" * MANY,
    "a complete URL": b"GET /" + b"x" * LIMIT + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a query": b"GET /contacts?limit=" + b"1" * LIMIT + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "nothing but line ends": b"\r\n" * MANY,
    "a head before a body": b"POST /contacts HTTP/1.1\r\nContent-Length: 9\r\n"
    + filler(LIMIT)
    + b"\r\n{}",
}


@pytest.mark.parametrize("content", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_head_that_is_too_large(url: str, content: bytes) -> None:
    with connected(url) as raw:
        with contextlib.suppress(ConnectionError):
            raw.send(content)
        answer = raw.answer()
        answer.check_error(431)
        assert answer.headers["connection"] == "close"
        assert "65536 bytes" in answer.body["message"]
        assert raw.wait_for_end() == b""


def test_one_that_is_too_large_is_answered_before_it_is_complete(url: str) -> None:
    with connected(url) as raw:
        raw.send(b"GET /healthz HTTP/1.1\r\nX: " + b"y" * (LIMIT + 1))
        raw.answer().check_error(431)


@pytest.mark.parametrize("content", [filler(LIMIT - 2000), b"X: y\r\n" * 100])
def test_one_that_is_just_not_too_large(url: str, content: bytes) -> None:
    with connected(url) as raw:
        raw.send(b"GET /healthz HTTP/1.1\r\n" + content + b"\r\n")
        assert raw.answer("GET").status == 200


def test_each_request_of_a_connection_has_the_same_bounds(url: str) -> None:
    with connected(url) as raw:
        for _ in range(5):
            raw.send(b"GET /healthz HTTP/1.1\r\n" + filler(LIMIT - 2000) + b"\r\n")
            assert raw.answer("GET").status == 200
        raw.send(b"GET /healthz HTTP/1.1\r\n" + filler(LIMIT) + b"\r\n")
        raw.answer().check_error(431)


@pytest.mark.parametrize(
    "content",
    [
        b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"0\r\nX: " + b"y" * MANY,
        b"1;" + b"x" * MANY,
        chunk(b"{") + b"0\r\n" + filler(LIMIT) + b"\r\n",
    ],
    ids=["many trailers", "a trailer", "a chunk's extension", "complete trailers"],
)
def test_what_a_chunked_body_has_besides_its_content(
    url: str, team_key: str, content: bytes
) -> None:
    with connected(url) as raw, contextlib.suppress(ConnectionError):
        raw.send(head("POST /segments", team_key, transfer_encoding="chunked"))
        with contextlib.suppress(ConnectionError):
            raw.send(content)
        raw.answer().check_error(431)
        assert raw.wait_for_end() == b""


def test_trailers_are_no_headers(url: str, team_key: str) -> None:
    with connected(url) as raw:
        raw.send(
            head("POST /segments", transfer_encoding="chunked", content_type="application/json")
            + chunk(b'{"name":"x"}')
            + f"0\r\nAuthorization: Bearer {team_key}\r\n\r\n".encode()
        )
        raw.answer().check_error(401, "missing_api_key")


LATE = {
    "half a request line": b"GET /hea",
    "half a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthori",
    "all but the last line": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
}


@pytest.mark.parametrize("content", LATE.values(), ids=LATE.keys())
def test_a_head_that_does_not_come_to_its_end(url: str, content: bytes) -> None:
    with connected(url) as raw:
        raw.send(content)
        answer = raw.answer()
        answer.check_error(408)
        assert answer.headers["connection"] == "close"
        assert raw.wait_for_end() == b""


@pytest.mark.parametrize("content", [b"", b"\r\n"], ids=["nothing", "a line end"])
def test_where_nothing_was_asked_nothing_is_answered(url: str, content: bytes) -> None:
    """A client that connects ahead would take it for the answer to its first request."""
    with connected(url) as raw:
        raw.send(content)
        assert raw.wait_for_end() == b""


def test_a_byte_now_and_then_does_not_make_the_wait_longer(url: str) -> None:
    with connected(url) as raw:
        raw.dribble(b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 10_000)
        raw.answer().check_error(408)


def test_a_later_request_of_a_connection_is_late_too(url: str) -> None:
    with connected(url) as raw:
        raw.send(head("GET /healthz"))
        assert raw.answer("GET").status == 200
        # To be idle between two requests is something else.
        time.sleep(2)
        raw.send(b"GET /hea")
        raw.answer().check_error(408)
        assert raw.wait_for_end() == b""


def test_hundreds_of_half_open_connections_go_away_and_are_in_nobodys_way(url: str) -> None:
    with contextlib.ExitStack() as opened:
        half_open: list[Raw] = []
        for n in range(300):
            raw = opened.enter_context(connected(url))
            raw.send(list(LATE.values())[n % len(LATE)])
            half_open.append(raw)
        assert httpx.get(f"{url}/readyz").status_code == 200
        for raw in half_open:
            assert raw.wait_for_end().startswith(b"HTTP/1.1 408 ")


def test_pipelined_requests_are_answered_in_order(url: str, team_key: str) -> None:
    with connected(url) as raw:
        paths = ["/healthz", "/contacts", "/nowhere", "/segments"]
        heads = [head(f"GET {path}", team_key) for path in paths]
        raw.send(b"".join([*heads, head("GET /healthz", connection="close")]))
        statuses = re.findall(rb"HTTP/1.1 (\d+) ", raw.wait_for_end())
        assert statuses == [b"200", b"200", b"404", b"200", b"200"]


@pytest.mark.parametrize("after", [b"GET /" + b"x" * LIMIT, b"no http\r\n\r\n"])
def test_what_is_wrong_with_a_request_is_not_the_answer_to_the_one_before(
    url: str, team_key: str, after: bytes
) -> None:
    with connected(url) as raw:
        raw.send(head("GET /contacts", team_key) + after)
        assert raw.wait_for_end().startswith(b"HTTP/1.1 200 ")


def test_http_1_0(url: str) -> None:
    with connected(url) as raw:
        raw.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        received = raw.wait_for_end()
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.endswith(b'{"status":"ok"}')
