"""A server of OpenAI's chat completions that answers what a test wants it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Completions:
    """What the server answers, and what it was asked: headers and body of each request."""

    url: str = ""
    status: int = 200
    content: str = ""
    body: bytes | None = None
    is_silent: bool = False
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def answer_columns(self, *columns: dict[str, Any]) -> None:
        self.content = json.dumps({"columns": columns})

    def render(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.content}
        return json.dumps({"choices": [{"index": 0, "message": message}]}).encode()


@contextmanager
def completions(meanwhile: Callable[[], None] = lambda: None) -> Iterator[Completions]:
    """Serve on a port of its own; `meanwhile` is called before each answer."""
    state = Completions()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.asked.append((dict(self.headers), json.loads(body)))
            meanwhile()
            if state.is_silent:
                state.go_on.wait()
                return
            answer = state.render()
            known = self.path == "/v1/chat/completions"
            self.send_response(state.status if known else 404)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        state.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
