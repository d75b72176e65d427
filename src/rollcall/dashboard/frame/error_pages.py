"""Errors as pages, and for scripts in the API's shape."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from rollcall.dashboard.frame.paths import here, path, root
from rollcall.dashboard.frame.rendering import is_script, render
from rollcall.errors import RollcallError
from rollcall.web.error_answers import describe_error

SIGN_IN = "/sign-in"
# The API writes names of fields so: The `file` is empty.
FIELD_NAME = re.compile(r"`([a-z_]+)`")


class SignedOut(RollcallError):
    """You are signed out."""

    status = 401
    name = "signed_out"


def answer_error(request: Request, error: Exception) -> Response:
    """Return what a reader, or the script of a page, is told of an error."""
    if isinstance(error, SignedOut) and not is_script(request):
        return RedirectResponse(_sign_in(request), 303, {"cache-control": "no-store"})
    answer = describe_error(request, error)
    answer = replace(answer, message=FIELD_NAME.sub(r"\1", answer.message))
    if is_script(request):
        response: Response = answer.response()
        response.headers["cache-control"] = "no-store"
        return response
    return render(
        request,
        "error.html",
        status_code=answer.status,
        headers=answer.headers,
        error=answer,
        request_id=request.scope["state"]["request_id"],
    )


def _sign_in(request: Request) -> str:
    """Return the address of the sign-in page, which leads back to where somebody wanted to be.

    A form is not sent again: that leads back to its page.
    """
    wanted, query = here(request), request.url.query
    if request.method != "GET":
        wanted, query = _page_of(request)
    if wanted in ("", "/"):
        return path(request, SIGN_IN)
    query = f"?{query}" if query else ""
    return f"{path(request, SIGN_IN)}?next={quote(wanted + query, safe='/')}"


def _page_of(request: Request) -> tuple[str, str]:
    """Return from which page of the dashboard a form was sent, and its query; "" if none."""
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "", ""
    begin, found, below = page.path.partition(root(request))
    is_ours = not begin and found and below.startswith("/")
    return (below, page.query) if is_ours else ("", "")
