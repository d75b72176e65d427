"""What surrounds every request: its path as all clients mean it, its id, and its last resort."""

from __future__ import annotations

import time
import uuid
from urllib.parse import unquote

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rollcall.error_answers import error_response

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

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        # What a route leaves here for its answer, whatever becomes of the request after it.
        scope.setdefault("state", {})
        started = time.perf_counter()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                headers.update(scope["state"].get("answer_headers", {}))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if status is None:
                    message = "Something went wrong on our side. The log has the request's id."
                    response = error_response(500, "application_error", message)
                    await response(scope, receive, send_with_id)
            log.debug(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                seconds=round(time.perf_counter() - started, 4),
            )
