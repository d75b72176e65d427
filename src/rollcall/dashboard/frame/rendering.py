"""Templates → pages. Jinja is loaded with the first page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import Request, Response
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from rollcall.dashboard.frame import cookies, paths
from rollcall.dashboard.frame.headers import PAGE_HEADERS
from rollcall.dashboard.frame.view import GLOBALS, showing, view_of
from rollcall.wrong_values import shorten

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parents[1] / "templates"
# What scripts send along, so that they get a fragment, or an error that they can read.
SCRIPT = "rollcall"
NOTICE_SECONDS = 60
# What an address may have as it is: what a redirect leaves, too.
IN_ADDRESSES = ":/%#?=@[]!$&'()*+,;"


def is_script(request: Request) -> bool:
    """Tell whether a page's script asks, and not a browser that wants to show the answer."""
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return True
    return request.headers.get("x-requested-with", "").lower() == SCRIPT


def write(request: Request, template: str, **context: Any) -> str:
    """Return the HTML of a page, or of a part of one, for whoever asks."""
    view = view_of(request)
    base = "dialog.html" if is_script(request) else "layout.html"
    with showing(view):
        page = _environment().get_template(template)
        return page.render(view=view, base=base, here=paths.here(request), **context)


def render(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Return a page. `base`, which a form's template extends, is a dialog's for scripts."""
    html = write(request, template, **context)
    # A message may quote what a client sent, and that may be half of a surrogate pair.
    content = html.encode("utf-8", "replace")
    response = HTMLResponse(content, status_code, PAGE_HEADERS | (headers or {}))
    if not is_script(request) and cookies.NOTICE in request.cookies:
        cookies.drop_cookie(request, response, cookies.NOTICE)
    return response


def go_to(request: Request, below: str, notice: str | None = None, **values: str | int) -> Response:
    """Return the answer to a form that has done what it should: go there, and say this.

    Args:
        below: a page below `/dashboard`.
        notice: the key of a text that the next page shows, with its values.
    """
    address = paths.path(request, below)
    response: Response
    if is_script(request):
        # A script would follow a redirect by itself, and not know where it got to.
        written = quote(address, safe=IN_ADDRESSES)
        response = Response(status_code=200, headers={"x-location": written})
    else:
        response = RedirectResponse(address, 303)
    response.headers["cache-control"] = "no-store"
    if notice is not None:
        said = quote(json.dumps([notice, {name: _short(value) for name, value in values.items()}]))
        cookies.set_cookie(request, response, cookies.NOTICE, said, NOTICE_SECONDS)
    return response


def _short(value: str | int) -> str | int:
    # Browsers drop a cookie that is larger than 4 kB, and proxies the whole answer.
    return shorten(value) if isinstance(value, str) else value


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(GLOBALS)
    environment.filters["attributes"] = _attributes
    return environment


def _attributes(given: dict[str, Any]) -> Markup:
    """Return HTML attributes: `data_dialog=True` is ` data-dialog`; None and False are left out."""
    parts = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        written = escape(name.rstrip("_").replace("_", "-"))
        parts.append(f" {written}" if value is True else f' {written}="{escape(value)}"')
    return Markup("".join(parts))  # noqa: S704  (each part is escaped)
