"""What surrounds every request: its path as all clients mean it, its id, and its last resort."""

from __future__ import annotations

import asyncio
import time
import uuid
from urllib.parse import unquote

import structlog
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rollcall.logs import describe_request
from rollcall.web.error_answers import ErrorAnswer, describe_crash
from rollcall.web.known_route import count_request
from rollcall.web.under_way import CUT_OFF, CutOff, RequestsUnderWay

log = structlog.get_logger(__name__)

# Stands for a slash that was percent-encoded: data of a segment, and no border between two.
# Private use, so that no e-mail address contains it.
ENCODED_SLASH = "\ue000"


class NormalizePath:
    """Let `//contacts` and `/contacts/` reach `/contacts`, without a redirect.

    With a root path, `/prefix/contacts` does so too, whether the proxy strips the prefix or not.
    """

    def __init__(self, app: ASGIApp, root_path: str = ""):
        self.app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _normalize(scope)}
            scope["root_path"] = self._root_path or scope.get("root_path", "")
        await self.app(scope, receive, send)


def _normalize(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    segments = [
        unquote(segment).replace("/", ENCODED_SLASH)
        for segment in raw.decode("latin-1").split("/")
        if segment
    ]
    return "/" + "/".join(segments)


class RequestContext:
    """Give every request an id, in the answer and in the log, and every crash an answer."""

    def __init__(self, app: ASGIApp, *, under_way: RequestsUnderWay, body_seconds: float):
        self.app = app
        self._under_way = under_way
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # What a route leaves here for its answer, whatever becomes of the request after it.
        state = scope.setdefault("state", {})
        request_id = state.setdefault("request_id", str(uuid.uuid4()))
        exchange = _Exchange(scope, receive, send, self._body_seconds)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                async with self._under_way.entered():
                    await self.app(scope, exchange.receive, exchange.send)
            except Exception as error:  # noqa: BLE001  (it is answered and logged)
                await exchange.fail(error)
            seconds = time.perf_counter() - started
            count_request(scope, exchange.status, seconds)
            log.debug(
                "request",
                **describe_request(scope),
                status=exchange.status,
                seconds=round(seconds, 4),
            )


class _Exchange:
    """A request and its answer, as they pass between server and app."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body_seconds: float):
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body_seconds = body_seconds
        self._is_asked_for = False
        self._is_complete = False
        self._is_silent = False
        self.status: int | None = None

    async def receive(self) -> Message:
        """Return what comes next, within the time that a body may be silent.

        Only when the app waits for more of it, time passes: it is not the client's fault when what
        it sends is stored slowly.
        """
        self._is_asked_for = True
        if self._is_complete:
            return await self._receive()
        try:
            async with asyncio.timeout(self._body_seconds):
                message = await self._receive()
        except TimeoutError:
            self._is_silent = True
            # The framework's own error: any other, raised while it reads a body, becomes a 400.
            raise HTTPException(408, self._silence, {"connection": "close"}) from None
        self._is_complete = not message.get("more_body", False)
        return message

    @property
    def _silence(self) -> str:
        return f"Nothing of the request's body came for {self._body_seconds:g} seconds."

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the headers that all have."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self._scope["state"]["request_id"]
            headers.update(self._scope["state"].get("answer_headers", {}))
            if not self._is_asked_for and _expects_continue(self._scope):
                # The client may send its body all the same, or its next request: nobody can tell.
                headers["connection"] = "close"
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer what the app has raised, or cut the connection off if it is too late for that."""
        if isinstance(error, ClientDisconnect):
            # The server has said so.
            return
        if isinstance(error.__cause__, CutOff):
            # The framework complains of errors that come in the middle of an answer.
            error = error.__cause__
        answer = self._answer_to(error)
        if self.status is None:
            await answer(self._scope, self.receive, self.send)
        elif self._is_expected(error) and CUT_OFF in self._scope["state"]:
            self._scope["state"][CUT_OFF]("its request was not sent or answered in time")

    def _is_expected(self, error: Exception) -> bool:
        return self._is_silent or isinstance(error, CutOff)

    def _answer_to(self, error: Exception) -> JSONResponse:
        if isinstance(error, CutOff):
            log.warning("request cut off", reason=error.message, **describe_request(self._scope))
            return ErrorAnswer(error.status, error.name, error.message, error.headers).response()
        if self._is_silent:
            headers = {"connection": "close"}
            return ErrorAnswer(408, "validation_error", self._silence, headers).response()
        return describe_crash(self._scope, error).response()


def _expects_continue(scope: Scope) -> bool:
    """Tell whether the client waits to be asked for its body; the server compares so too."""
    return any(
        name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"]
    )
