"""All pages of the dashboard under one router."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from rollcall.dashboard.contacts import contact
from rollcall.dashboard.contacts import pages as contacts
from rollcall.dashboard.door import sign_in
from rollcall.dashboard.frame import static_files
from rollcall.dashboard.frame.paths import PREFIX, path
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.imports import actions, detail, downloads, rows
from rollcall.dashboard.imports import pages as imports
from rollcall.dashboard.lists import api_keys, properties, segments, topics
from rollcall.dashboard.mending import again, grid, overview, replace, row_form, values
from rollcall.dashboard.wizard import check, columns, drop, options
from rollcall.errors import NotFound

HOME = "/imports"
ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

# In this order a request looks for its page.
ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    sign_in.inside,
    # A new import is none that is called so.
    drop.router,
    columns.router,
    options.router,
    check.router,
    imports.router,
    overview.router,
    values.router,
    grid.router,
    row_form.router,
    replace.router,
    again.router,
    # What has a word for an import's id in its address comes before these.
    downloads.router,
    rows.router,
    actions.router,
    detail.router,
    contacts.router,
    contact.router,
    segments.router,
    topics.router,
    properties.router,
    api_keys.router,
)


class PageNotFound(NotFound):
    """There is no page at this address."""


def create_dashboard_router() -> APIRouter:
    """Return the routes of `/dashboard`, and of `/`, which leads there."""
    pages = APIRouter(prefix=PREFIX, include_in_schema=False)
    for router in (static_files.router, *ROUTERS, _rest):
        pages.include_router(router)
    whole = APIRouter(include_in_schema=False)
    whole.include_router(pages)
    for address in ("/", PREFIX):
        whole.add_api_route(address, _go_home, methods=["GET"])
    return whole


async def _go_home(request: Request) -> Response:
    return RedirectResponse(path(request, HOME), 303)


_rest = dashboard_router()


@_rest.api_route("/{unknown:path}", methods=ALL_METHODS)
async def find_nothing() -> Response:
    """Answer for all addresses that lead nowhere."""
    raise PageNotFound
