"""Session → team, for every page behind the door; and errors as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import ClientDisconnect

from rollcall.auth.keys import FoundKey
from rollcall.auth.models import Permission
from rollcall.dashboard.frame import cookies
from rollcall.dashboard.frame.error_pages import SignedOut, answer_error
from rollcall.dashboard.frame.forgery import refuse_other_sites, require_token
from rollcall.dashboard.frame.sessions import SignedIn, find_session
from rollcall.database.deadlines import database_budget
from rollcall.web.bodies import bounded, is_streamed, refuse_compressed

SAFE = {"GET", "HEAD", "OPTIONS"}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OpenRoute(APIRoute):
    """A page for everybody: its bodies are bounded, its forms are its own, its errors are pages."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                with database_budget(request.app.state.settings.db_timeout_seconds):
                    return await self.admit(request, handle)
            except ClientDisconnect:
                raise
            except Exception as error:  # noqa: BLE001  (it is answered and logged)
                return answer_error(request, error)

        return answered

    async def admit(self, request: Request, handle: Handler) -> Response:
        """Find out who asks, and let them in."""
        async with request.app.state.reading_sessionmaker() as session:
            request.state.signed_in = await _look_for_session(request, session)
            return await self.serve(request, handle, session)

    async def serve(self, request: Request, handle: Handler, session: AsyncSession) -> Response:
        """Check what was sent, and answer it."""
        refuse_compressed(request)
        is_read_here = not is_streamed(self.endpoint)
        if is_read_here:
            request = bounded(request)
        if request.method == "GET":
            request.state.reading = session
            return await handle(request)
        # The connection is not kept while a body comes.
        await session.close()
        refuse_other_sites(request)
        signed_in: SignedIn | None = request.state.signed_in
        secret = signed_in.token if signed_in else request.cookies.get(cookies.VISITOR, "")
        try:
            await require_token(request, secret, in_form=is_read_here)
            return await handle(request)
        finally:
            # Files may have come in a form that has no use for them.
            await request.close()


class DashboardRoute(OpenRoute):
    """A page of a team: nobody gets in without a session."""

    async def admit(self, request: Request, handle: Handler) -> Response:
        """Let in who is signed in.

        Raises:
            SignedOut: nobody is.
        """
        async with request.app.state.reading_sessionmaker() as session:
            signed_in = await _look_for_session(request, session)
            if signed_in is None:
                raise SignedOut
            request.state.signed_in = signed_in
            request.state.team_id = signed_in.team_id
            request.state.api_key_id = signed_in.api_key_id
            # The connection is not kept while Redis is asked.
            await session.close()
            limiter = request.app.state.rate_limiter
            request.state.answer_headers = await limiter.hit(signed_in.team_id)
            return await self.serve(request, handle, session)


async def _look_for_session(request: Request, session: AsyncSession) -> SignedIn | None:
    token = request.cookies.get(cookies.SESSION)
    if not token:
        return None
    signed_in = await find_session(session, token)
    if signed_in is not None:
        _note_use(request, signed_in)
    return signed_in


def _note_use(request: Request, signed_in: SignedIn) -> None:
    key = FoundKey(
        signed_in.team_id, signed_in.api_key_id, Permission.FULL_ACCESS, signed_in.is_fresh, None
    )
    request.app.state.key_usage.note(key)


async def current_session(request: Request) -> SignedIn:
    """Return the session that DashboardRoute found."""
    signed_in: SignedIn = request.state.signed_in
    return signed_in


CurrentSession = Annotated[SignedIn, Depends(current_session)]


def dashboard_router(prefix: str = "") -> APIRouter:
    """Return a router for pages of a team; `prefix` is below `/dashboard`."""
    return APIRouter(prefix=prefix, route_class=DashboardRoute, include_in_schema=False)


def open_router() -> APIRouter:
    """Return a router for pages that everybody may see."""
    return APIRouter(route_class=OpenRoute, include_in_schema=False)
