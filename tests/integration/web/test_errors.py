"""Errors that no endpoint raises, in the one shape that clients know."""

from __future__ import annotations

import http.client
import json
import socket
import uuid
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.resources import NOBODY, error


@pytest.mark.parametrize("path", ["/no", "/emails", "/contacts/a/b/c", "/segments/x/y"])
def test_a_path_that_is_none(client: httpx.Client, path: str) -> None:
    assert error(client.get(path))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/contacts", "GET, HEAD, POST"),
        ("PUT", "/segments//", "GET, HEAD, POST"),
        ("POST", f"/contacts/{NOBODY}", "DELETE, GET, HEAD, PATCH"),
        ("GET", f"/api-keys/{NOBODY}", "DELETE, PATCH"),
        ("POST", "/healthz", "GET, HEAD"),
        ("HEAD", f"/api-keys/{NOBODY}", "DELETE, PATCH"),
    ],
)
def test_a_method_that_is_none(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    if method != "HEAD":
        assert error(response)[:2] == (405, "method_not_allowed")


def test_every_answer_has_a_request_id(client: httpx.Client) -> None:
    responses = [client.get("/nowhere"), client.get("/segments"), client.post("/segments")]
    assert len({response.headers["x-request-id"] for response in responses}) == 3


@pytest.mark.parametrize(
    ("request_line", "header", "fault"),
    [
        (b"POST /contacts HTTP/1.1", b"Content-Length: many", "Content-Length"),
        (b"POST /contacts HTTP/1.1", b"Content-Length: -1", "Content-Length"),
        (b"POST /contacts HTTP/1.1", b"no header", "header"),
        (b"POST", b"Host: x", ""),
    ],
)
def test_what_is_no_http(api: str, request_line: bytes, header: bytes, fault: str) -> None:
    """The server itself answers it, before there is a request."""
    address = urlsplit(api)
    with socket.create_connection((address.hostname, address.port or 0)) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n" + header + b"\r\n\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = json.loads(answer.read())
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert str(uuid.UUID(answer.headers["x-request-id"])) == answer.headers["x-request-id"]
    assert (body["statusCode"], body["name"]) == (400, "validation_error")
    assert body["message"].startswith("The request is not valid HTTP: ")
    assert fault in body["message"]
    assert list(body) == ["statusCode", "message", "name"]
