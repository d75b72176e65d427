"""A client that does with a connection what no good client would."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE

BOUNDARY = "xx"


@dataclass(frozen=True)
class Answer:
    """An answer as it came over a connection."""

    status: int
    headers: http.client.HTTPMessage
    body: dict[str, Any]

    def check_error(self, status: int, name: str = "validation_error") -> None:
        """Check that this is an error in the form that all errors have."""
        assert (self.status, self.body["name"]) == (status, name), self.body
        assert list(self.body) == ["statusCode", "message", "name"]
        assert self.body["statusCode"] == status
        assert self.headers["content-type"] == "application/json"
        assert len(self.headers["x-request-id"]) == 36


@dataclass(frozen=True)
class Raw:
    """A connection to the API."""

    socket: socket.socket

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def dribble(self, data: bytes, pause: float = 0.05) -> None:
        """Send byte by byte until the server has had enough."""
        for byte in data:
            try:
                self.socket.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(pause)

    def answer(self, method: str = "POST") -> Answer:
        """Read one answer."""
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        content = response.read()
        return Answer(response.status, response.headers, json.loads(content))

    def wait_for_end(self) -> bytes:
        """Read to the end of the connection, which has to come; return what came."""
        received = b""
        try:
            while data := self.socket.recv(65536):
                received += data
        except ConnectionError:
            pass
        return received

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """End the connection as a crash would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@contextmanager
def connected(url: str, receive_buffer: int = 0) -> Iterator[Raw]:
    """Connect to the API at a URL."""
    address = urlsplit(url)
    with socket.socket() as connection:
        connection.settimeout(PATIENCE)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect((address.hostname, address.port))
        yield Raw(connection)


def head(request_line: str, key: str | None = None, **headers: str | int) -> bytes:
    """Write the head of a request, with `_` for `-` in the names of headers."""
    lines = [f"{request_line} HTTP/1.1", "Host: x"]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "\r\n"]).encode()


def upload_head(key: str, **headers: str | int) -> bytes:
    """Write the head of an upload."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return head("POST /contacts/imports", key, content_type=kind, **headers)


def form(csv: bytes) -> bytes:
    """Write the body of an upload."""
    part = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\n'
    return part + csv + b"\r\n--xx--\r\n"


def chunk(data: bytes) -> bytes:
    """Write a piece of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
