"""API key → team. The key is checked before anything of a body is read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.keys import TOKEN_PREFIX, FoundKey, find_key
from rollcall.auth.models import Permission
from rollcall.database.deadlines import database_budget
from rollcall.errors import (
    InvalidApiKey,
    MissingApiKey,
    RestrictedApiKey,
    RevokedApiKey,
)
from rollcall.web.bodies import bounded, is_streamed, refuse_compressed
from rollcall.web.error_answers import documented
from rollcall.web.rate_limit import RateLimiter

MAX_TOKEN_LENGTH = 256

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
                refuse_compressed(request)
                if not is_streamed(self.endpoint):
                    request = bounded(request)
                if request.method == "GET":
                    request.state.reading = session
                    return await handle(request)
            return await handle(request)

        return authenticated


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


async def _admit(request: Request, session: AsyncSession) -> None:
    key = await _authenticate(request, session)
    request.state.team_id, request.state.api_key_id = key.team_id, key.id
    # What is logged from here on is about this team; the request has a context of its own.
    structlog.contextvars.bind_contextvars(team_id=str(key.team_id))
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
