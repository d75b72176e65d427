"""Bodies of requests: how large they may be, and in which form they may come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message

from rollcall.errors import BadContentLength, CompressedBody, PayloadTooLarge
from rollcall.wrong_values import quote

MAX_JSON_BYTES = 1024 * 1024
MAX_LENGTH_DIGITS = 18

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_STREAMS = "__streams_its_body__"


def streams_its_body(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that reads its body itself, and bounds it."""
    setattr(endpoint, _STREAMS, True)
    return endpoint


def is_streamed(endpoint: Callable[..., Any]) -> bool:
    """Tell whether an endpoint reads its body itself."""
    return getattr(endpoint, _STREAMS, False)


def refuse_compressed(request: Request) -> None:
    """Refuse a body that would have to be unpacked.

    Raises:
        CompressedBody: it is said to be compressed.
    """
    codings = [
        coding.strip()
        for value in request.headers.getlist("content-encoding")
        for coding in value.lower().split(",")
    ]
    if any(coding not in ("", "identity") for coding in codings):
        sent = f"The body has the `Content-Encoding` {quote(', '.join(codings))}."
        raise CompressedBody(f"{sent} {CompressedBody.__doc__}")


def bounded(request: Request) -> Request:
    """Return the request with a body that ends in an error when it is too large for JSON."""
    if declared_length(request) > MAX_JSON_BYTES:
        raise PayloadTooLarge
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAX_JSON_BYTES:
            # The framework's own error: any other, raised while it reads a body, becomes a 400.
            raise HTTPException(413, PayloadTooLarge.__doc__)
        return message

    return Request(request.scope, receive)


def declared_length(request: Request) -> int:
    """Return how many bytes a request says that its body has; 0 where it does not say.

    Raises:
        BadContentLength: it is no number.
        PayloadTooLarge: it is a number that nothing could have.
    """
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise BadContentLength
    if len(declared) > MAX_LENGTH_DIGITS:
        raise PayloadTooLarge
    return int(declared)
