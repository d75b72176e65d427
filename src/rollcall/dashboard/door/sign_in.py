"""Signing in with an API key or by a link, and signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from starlette.responses import RedirectResponse

from rollcall.auth.keys import find_key
from rollcall.auth.models import Permission
from rollcall.auth.route import MAX_TOKEN_LENGTH
from rollcall.dashboard.frame import cookies
from rollcall.dashboard.frame.error_pages import SIGN_IN
from rollcall.dashboard.frame.forgery import form_token
from rollcall.dashboard.frame.paths import path
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import CurrentSession, dashboard_router, open_router
from rollcall.dashboard.frame.sessions import (
    SESSION_LIFE,
    begin_session,
    end_session,
    new_token,
    use_link,
)
from rollcall.web.head_requests import IS_HEAD
from rollcall.web.session import SessionDep

HOME = "/imports"
router = open_router()
inside = dashboard_router()


@router.get(SIGN_IN)
async def show_sign_in(request: Request, next: str = "") -> Response:  # noqa: A002
    """Show the form, unless somebody is signed in."""
    if request.state.signed_in is not None:
        return RedirectResponse(path(request, _local(next)), 303)
    return _form(request, next)


@router.post(SIGN_IN)
async def sign_in(
    request: Request,
    session: SessionDep,
    key: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    """Begin a session for the browser that has sent a key."""
    token = key.strip()
    if not token:
        return _form(request, next, error="sign_in.no_key")
    found = await find_key(session, token) if len(token) <= MAX_TOKEN_LENGTH else None
    if found is None:
        return _form(request, next, error="sign_in.unknown_key")
    if found.revoked_at is not None:
        return _form(request, next, error="sign_in.revoked_key")
    if found.permission != Permission.FULL_ACCESS:
        return _form(request, next, error="sign_in.restricted_key")
    begun = await begin_session(session, found.team_id, found.id)
    return await _let_in(request, session, begun, _local(next))


@router.get("/enter/{token}")
async def enter(request: Request, token: str) -> Response:
    """Begin a session for the browser that has followed a link, which is used up."""
    if request.scope.get(IS_HEAD):
        return _form(request, "")
    async with request.app.state.sessionmaker() as session, session.begin():
        begun = await use_link(session, token)
        if begun is not None:
            return await _let_in(request, session, begun, HOME)
    if request.state.signed_in is not None:
        # Somebody follows the link of the terminal a second time.
        return RedirectResponse(path(request, HOME), 303)
    return _form(request, "", error="sign_in.used_link")


@inside.post("/sign-out")
async def sign_out(request: Request, session: SessionDep, signed_in: CurrentSession) -> Response:
    """End the browser's session."""
    await end_session(session, signed_in.token)
    response = go_to(request, SIGN_IN, "sign_in.signed_out")
    cookies.drop_cookie(request, response, cookies.SESSION)
    return response


@inside.get("/session")
async def show_session(signed_in: CurrentSession) -> dict[str, str]:
    """Tell a page's script what its forms have to bring along, after another sign-in."""
    return {"csrf": form_token(signed_in.token), "team": str(signed_in.team_id)}


async def _let_in(request: Request, session: SessionDep, token: str, below: str) -> Response:
    if request.state.signed_in is not None:
        await end_session(session, request.state.signed_in.token)
    response = go_to(request, below)
    seconds = int(SESSION_LIFE.total_seconds())
    cookies.set_cookie(request, response, cookies.SESSION, token, seconds)
    cookies.drop_cookie(request, response, cookies.VISITOR)
    return response


def _form(request: Request, wanted: str, error: str | None = None) -> Response:
    visitor = request.cookies.get(cookies.VISITOR) or new_token()
    request.state.visitor = visitor
    response = render(
        request,
        "door/sign_in.html",
        status_code=422 if error else 200,
        wanted=wanted,
        error=error,
    )
    cookies.set_cookie(request, response, cookies.VISITOR, visitor)
    return response


def _local(wanted: str) -> str:
    """Return where to go after the sign-in: a page below the dashboard, whatever is asked."""
    return wanted if wanted.startswith("/") else HOME
