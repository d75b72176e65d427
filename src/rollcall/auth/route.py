"""API key → team. The key is checked before anything of a body is read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.types import Message

from rollcall.auth.keys import TOKEN_PREFIX, FoundKey, find_key
from rollcall.auth.models import Permission
from rollcall.database.deadlines import database_budget
from rollcall.errors import (
    BadContentLength,
    CompressedBody,
    InvalidApiKey,
    MissingApiKey,
    PayloadTooLarge,
    RestrictedApiKey,
    RevokedApiKey,
)
from rollcall.web.error_answers import documented
from rollcall.web.rate_limit import RateLimiter
from rollcall.wrong_values import quote

MAX_TOKEN_LENGTH = 256
MAX_JSON_BYTES = 1024 * 1024
MAX_LENGTH_DIGITS = 18

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_STREAMS = "__streams_its_body__"

# Describes the scheme in the OpenAPI document; the check itself is AuthenticatedRoute's.
bearer_scheme = HTTPBearer(auto_error=False, description="An API key, `re_…`.")


class AuthenticatedRoute(APIRoute):
    """A route that knows its team before the framework reads the body.

    A dependency would be too late: the framework parses a JSON body first, so that anybody
    could make the server read and parse without a key.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            with database_budget(request.app.state.settings.db_timeout_seconds):
                return await admitted(request)

        async def admitted(request: Request) -> Response:
            async with request.app.state.reading_sessionmaker() as session:
                await _admit(request, session)
                _refuse_compressed(request)
                if not getattr(self.endpoint, _STREAMS, False):
                    request = _bounded(request)
                if request.method == "GET":
                    request.state.reading = session
                    return await handle(request)
            return await handle(request)

        return authenticated


def streams_its_body(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that reads its body itself, and bounds it."""
    setattr(endpoint, _STREAMS, True)
    return endpoint


async def current_team(request: Request) -> uuid.UUID:
    """Return the team that AuthenticatedRoute found."""
    team_id: uuid.UUID = request.state.team_id
    return team_id


CurrentTeam = Annotated[uuid.UUID, Depends(current_team)]


def team_router(prefix: str, tag: str) -> APIRouter:
    """Return the router of a resource, whose routes all need a team."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=AuthenticatedRoute,
        dependencies=[Depends(bearer_scheme)],
        responses=documented(),
    )


def _refuse_compressed(request: Request) -> None:
    codings = [
        coding.strip()
        for value in request.headers.getlist("content-encoding")
        for coding in value.lower().split(",")
    ]
    if any(coding not in ("", "identity") for coding in codings):
        sent = f"The body has the `Content-Encoding` {quote(', '.join(codings))}."
        raise CompressedBody(f"{sent} {CompressedBody.__doc__}")


def _bounded(request: Request) -> Request:
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


async def _admit(request: Request, session: AsyncSession) -> None:
    key = await _authenticate(request, session)
    request.state.team_id, request.state.api_key_id = key.team_id, key.id
    # The connection is not kept while Redis is asked.
    await session.close()
    limiter: RateLimiter = request.app.state.rate_limiter
    request.state.answer_headers = await limiter.hit(key.team_id)


async def _authenticate(request: Request, session: AsyncSession) -> FoundKey:
    key = await find_key(session, read_token(request))
    if key is None:
        raise InvalidApiKey
    if key.revoked_at is not None:
        raise RevokedApiKey
    if key.permission != Permission.FULL_ACCESS:
        raise RestrictedApiKey
    request.app.state.key_usage.note(key)
    return key


def read_token(request: Request) -> str:
    """Return the token that a request was sent with."""
    header = request.headers.get("authorization", "").strip()
    if not header:
        raise MissingApiKey
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(TOKEN_PREFIX):
        raise InvalidApiKey
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidApiKey
    return token
