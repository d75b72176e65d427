"""The dashboard's cookies, which go to its own pages only."""

from __future__ import annotations

from fastapi import Request, Response

from rollcall.dashboard.frame.paths import root

SESSION = "rollcall_session"
# Of a browser that is not signed in: what its sign-in form is known by.
VISITOR = "rollcall_visitor"
# What the next page is to say: the key of a text, and its values as JSON.
NOTICE = "rollcall_notice"
# These two are written by the page's own scripts.
THEME = "rollcall_theme"
ZONE = "rollcall_zone"


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """Give the browser a cookie that no script can read; without `seconds` until it is closed."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=root(request),
        httponly=True,
        samesite="lax",
        # As the client came: the server takes the proxy's word for it (X-Forwarded-Proto).
        secure=request.url.scheme == "https",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=root(request), httponly=True, samesite="lax")
