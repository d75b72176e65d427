"""What a connection may take up: the bounds on a request's head, and the waits for its client.

What is refused here, the app never sees; it is answered in the form of all errors. How long a
body may be silent, only the app can tell, which knows when it waits for more of it; see
`middleware`.
"""

from __future__ import annotations

import asyncio
import enum
import sys
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from rollcall.logs import shown_path
from rollcall.web.error_answers import ErrorAnswer
from rollcall.web.http_transport import GentleTransport
from rollcall.web.known_route import count_refusal
from rollcall.web.under_way import CUT_OFF

log = structlog.get_logger(__name__)

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
# What a header takes up besides its name and value, and a request line besides its URL.
HEADER_FRAME = len(b": \r\n")
REQUEST_LINE_FRAME = len(b"GET  HTTP/1.1\r\n\r\n")
# When the server stops, it does not wait for long until its last answers have been read.
STOPPING_LINGER_SECONDS = 1.0
# The key of the lifespan's state under which the app leaves its limits.
HTTP_LIMITS = "http_limits"


@dataclass(frozen=True, kw_only=True)
class HttpLimits:
    """How long a client may take, in seconds."""

    head_seconds: float = 20.0
    body_seconds: float = 30.0
    answer_seconds: float = 60.0


class HeadTooLarge(Exception):
    """A request's head, or what stands in a body besides its content, is too large."""


class _Phase(enum.Enum):
    """Of what the client is sending."""

    NOTHING = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()


class HttpProtocol(HttpToolsProtocol):
    """The server's own protocol, with bounds."""

    # In place of the server's own type: every connection has this one.
    transport: GentleTransport

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self._limits: HttpLimits = self.app_state.get(HTTP_LIMITS) or HttpLimits()
        self._phase = _Phase.NOTHING
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = self._headers = 0
        # Since there was something that is no part of a head.
        self._fed = 0
        self._request_id = ""
        # The request that the app works on; the newest one may have to wait for it.
        self._running: RequestResponseCycle | None = None
        # After a request that cannot be read, nothing is.
        self._is_deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GentleTransport(transport, self._limits.answer_seconds))
        self._await_head()

    def data_received(self, data: bytes) -> None:
        # In pieces, so that no head is ever kept that is much larger than it may be.
        for start in range(0, len(data), MAX_HEAD_BYTES):
            if self.transport.is_closing() or self._is_deaf:
                self.transport.drained(len(data) - start)
                return
            self._feed(data[start : start + MAX_HEAD_BYTES])

    def _feed(self, piece: bytes) -> None:
        if self._phase is _Phase.NOTHING:
            self._enter_head()
        elif self._phase is _Phase.BODY and not self._is_answering():
            self.transport.drained(len(piece))
        self._fed += len(piece)
        super().data_received(piece)
        if self._fed > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse_head()

    def _enter_head(self) -> None:
        self._phase = _Phase.HEAD
        self.transport.sending = True
        if self._head_timer is None:
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._enter_head()
        self._head_bytes = REQUEST_LINE_FRAME
        self._headers = 0
        self._request_id = self.scope["state"]["request_id"] = str(uuid.uuid4())

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers += 1
        self._count(len(name) + len(value) + HEADER_FRAME)
        # What comes after a body is counted and not kept: the request has been admitted.
        if self._phase is _Phase.HEAD:
            super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES or self._headers > MAX_HEADERS:
            raise HeadTooLarge

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.scope["state"][CUT_OFF] = partial(self._cut_off, self.cycle)
        self._stop_awaiting_head()
        self._phase = _Phase.BODY
        self._fed = 0

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self._fed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._phase = _Phase.NOTHING
        self.transport.sending = False
        self._request_id = ""
        self._fed = 0
        self.transport.end_drain()
        super().on_message_complete()
        if not self._is_answering():
            self._keep_alive()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or self._is_answering():
            return
        self.transport.watch_writing()
        if self._phase is not _Phase.NOTHING:
            # Which the server has just begun to wait for.
            self._unset_keepalive_if_required()
        if self._phase is _Phase.BODY:
            self.transport.begin_drain(self._limits.body_seconds)

    def _keep_alive(self) -> None:
        """Wait for the next request of a client that has sent this one after its answer."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _is_answering(self) -> bool:
        return self._running is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self._limits.head_seconds, self._on_late_head)

    def _stop_awaiting_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _on_late_head(self) -> None:
        self._head_timer = None
        if self._is_answering():
            # The client may well wait for that first.
            self._await_head()
        elif not self._request_id:
            # Nothing was asked. An answer could be taken for that to the request that comes next.
            self.transport.close()
        elif not self.transport.is_closing():
            seconds = self._limits.head_seconds
            self._refuse(408, f"The request's head was not complete within {seconds:g} seconds.")

    def send_400_response(self, msg: str) -> None:
        """Answer a request that the parser could not read, and close the connection."""
        # Of what is wrong, only the parser's exception tells, which is being handled.
        error = sys.exception()
        if error is not None and isinstance(error.__context__, HeadTooLarge):
            self._refuse_head()
            return
        reason = str(error or msg).rstrip(".")
        self._refuse(400, f"The request is not valid HTTP: {reason}.")

    def _refuse_head(self) -> None:
        self._refuse(
            431,
            f"The request's headers are larger than {MAX_HEAD_BYTES} bytes in all,"
            f" or more than {MAX_HEADERS}.",
        )

    def _refuse(self, status: int, message: str) -> None:
        """Answer what cannot be read on, and close the connection."""
        self._stop_awaiting_head()
        self._is_deaf = True
        if self._is_answering() and not self._answer_early(message):
            return
        request_id = self._request_id or str(uuid.uuid4())
        count_refusal(status)
        log.info("request refused", status=status, reason=message, request_id=request_id)
        headers = {"x-request-id": request_id, "connection": "close"}
        answer = ErrorAnswer(status, "validation_error", message, headers).response()
        raw_headers = [*self.server_state.default_headers, *answer.raw_headers]
        lines = (b"%b: %b\r\n" % header for header in raw_headers)
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()

    def _answer_early(self, reason: str) -> bool:
        """Take the answer from the app, if it is to what cannot be read; say whether it is ours."""
        if self._phase is not _Phase.BODY:
            # It is to the requests before it, and they get their answers first.
            self.cycle.keep_alive = False
        elif self._running is not self.cycle:
            assert self._running is not None
            self._running.keep_alive = False
        elif self.cycle.response_started:
            self._cut_off(self.cycle, reason)
        else:
            _let_go(self.cycle)
            return True
        return False

    def _cut_off(self, cycle: RequestResponseCycle, reason: str) -> None:
        """End a connection in the middle of an answer that will not be complete."""
        _let_go(cycle)
        self.transport.cut(reason)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.transport.watch_writing()

    def shutdown(self) -> None:
        """Answer what is under way, and close the connection."""
        self.transport.linger_seconds = STOPPING_LINGER_SECONDS
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_awaiting_head()
        self._log_end()
        self.transport.lost()
        if self._running is not None:
            _let_go(self._running)
        super().connection_lost(exc)

    def _log_end(self) -> None:
        """Tell of a client that has gone in the middle of something, or was sent away."""
        reason = self.transport.cut_reason
        running = self._running if self._is_answering() or reason is not None else None
        about = {"request_id": self._request_id}
        if running is not None:
            about = {
                "request_id": running.scope["state"]["request_id"],
                "method": running.scope["method"],
                "path": shown_path(running.scope["path"]),
            }
        if reason is not None:
            log.info("client cut off", reason=reason, **about)
        elif not self.transport.is_closed_here and (running or self._phase is _Phase.HEAD):
            log.info("client broke off", **about)


def _let_go(cycle: RequestResponseCycle) -> None:
    """Tell the app that a request's client has gone."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()
