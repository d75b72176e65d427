"""A proxy in front of the real API that does to requests what bad networks and full servers do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE

PASSED_ON = ("authorization", "content-type", "idempotency-key")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to the next request with this method and end of the path.

    `status` is answered instead of asking the server; without one the connection ends, after
    `taken` bytes of the body, or before the answer of the server comes back.
    """

    method: str
    path: str
    status: int | None = None
    retry_after: str | None = None
    taken: int | None = None


@dataclass
class Proxy:
    """Faults still to come, and the requests seen: method, path, idempotency key."""

    url: str
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)

    def take_fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and path.endswith(fault.path):
                self.faults.remove(fault)
                return fault
        return None


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """Serve a proxy of the API at an address, on a free port of the loopback interface."""
    proxy = Proxy("")

    class Handler(_Handler):
        api_address = urlsplit(target).netloc
        state = proxy

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    api_address: str
    state: Proxy

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
        pass

    def _handle(self) -> None:
        path = urlsplit(self.path).path
        self.state.seen.append((self.command, path, self.headers["idempotency-key"]))
        fault = self.state.take_fault(self.command, path)
        length = int(self.headers["content-length"] or 0)
        if fault is not None and fault.taken is not None:
            self.rfile.read(fault.taken)
            return
        body = self.rfile.read(length)
        if fault is not None and fault.status is not None:
            self._answer(fault.status, b"", fault.retry_after)
            return
        status, content = self._ask(body)
        if fault is None:
            self._answer(status, content)

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        headers = {name: self.headers[name] for name in PASSED_ON if self.headers[name]}
        connection = http.client.HTTPConnection(self.api_address, timeout=PATIENCE)
        try:
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _answer(self, status: int, content: bytes, retry_after: str | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        if retry_after is not None:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(content)
