"""The dashboard's routes, with another team's session and ids, without a session, without a token.

The routes come from the dashboard itself. One that is added later is walked by itself, or fails
here until it is said what its parameters can refer to. Ids in forms and in queries are tried in
`test_dashboard_fields.py`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute

from rollcall.dashboard.frame.paths import PREFIX
from rollcall.dashboard.frame.route import DashboardRoute, OpenRoute
from rollcall.dashboard.routers import ROUTERS
from tests.support.dashboard import browsing
from tests.support.resources import NOBODY
from tests.support.worlds import World, build, rows

# Parameters of paths that are numbers within what the path names before them.
PLACES = {"rule_id": "1", "row": "2", "column": "1", "index": "0"}
# Pages for everybody.
OPEN = {("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/enter/{token}")}
SCRIPT = {"x-requested-with": "rollcall"}


def walked() -> list[tuple[str, APIRoute]]:
    """Return method and route of every page."""
    routes = [route for router in ROUTERS for route in router.routes]
    found = [
        (method, route)
        for route in routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]
    assert len(found) >= len(routes), "A router within a router is not walked."
    return found


def areas() -> list[Any]:
    """Return method and route of every page of a team, a list for each area."""
    found: dict[str, list[tuple[str, APIRoute]]] = {}
    for method, route in walked():
        if isinstance(route, DashboardRoute):
            found.setdefault(route.path.split("/")[1], []).append((method, route))
    return [pytest.param(routes, id=name) for name, routes in sorted(found.items())]


def parameters(path: str) -> list[str]:
    return re.findall(r"\{(\w+)", path)


def addresses(route: APIRoute, own: World, other: World) -> Iterator[str]:
    """Yield every address of a route that has an id of the other team in it."""
    names = parameters(route.path)
    choices = [
        (PLACES[name],) if name in PLACES else (own.ids[name], other.ids[name]) for name in names
    ]
    _, *foreign = itertools.product(*choices)
    for values in foreign:
        yield fill(route, values)


def own_address(route: APIRoute, own: World) -> str:
    """Return the address of a route with a team's own ids."""
    names = parameters(route.path)
    return fill(route, [PLACES.get(name) or own.ids[name] for name in names])


def fill(route: APIRoute, values: Any) -> str:
    filled: str = re.sub(r"\{\w+\}", "{}", route.path).format(*values)
    return PREFIX + filled


def test_every_page_is_either_a_teams_or_said_to_be_open() -> None:
    others = {
        (method, route.path) for method, route in walked() if not isinstance(route, DashboardRoute)
    }
    assert others == OPEN
    assert all(isinstance(route, OpenRoute) for _, route in walked())


@pytest.mark.parametrize("routes", areas())
def test_no_page_leads_through_the_wall(
    client: httpx.Client,
    other_client: httpx.Client,
    connection: psycopg.Connection[Any],
    routes: list[tuple[str, APIRoute]],
) -> None:
    other = build(client, connection, "wall_secret")
    own = build(other_client, connection, "own")
    secrets = {"wall_secret", *other.ids.values()}
    before = rows(connection, other)
    with browsing(other_client) as browser:
        for method, route in routes:
            for address in addresses(route, own, other):
                answer = browser.request(method, address)
                # A form that is not filled in is refused before anything is looked for.
                assert answer.status_code in {404, 422}, (method, address, answer.text)
                leaked = [text for text in secrets if text not in address and text in answer.text]
                assert leaked == [], (method, address, answer.text)
                assert rows(connection, other) == before, (method, address)
    kept = "\n".join(rows(connection, own))
    assert [id_ for id_ in other.ids.values() if id_ in kept] == []


def test_no_page_without_a_session(api: str) -> None:
    with httpx.Client(base_url=api, cookies={"rollcall_session": "x"}) as nobody:
        for method, route in walked():
            if not isinstance(route, DashboardRoute):
                continue
            address = fill(route, [NOBODY for _ in parameters(route.path)])
            answer = nobody.request(method, address, content=b"{")
            assert answer.status_code == 303, address
            assert answer.headers["location"].startswith(f"{PREFIX}/sign-in"), address
            answer = nobody.request(method, address, content=b"{", headers=SCRIPT)
            assert (answer.status_code, answer.json()["name"]) == (401, "signed_out"), address


def test_nothing_is_done_without_the_forms_token(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    own = build(client, connection, "own")
    with browsing(client) as browser:
        before = rows(connection, own)
        for token in (None, "", "x" * 43):
            if token is None:
                del browser.headers["x-csrf-token"]
            else:
                browser.headers["x-csrf-token"] = token
            for method, route in walked():
                if method == "GET" or not isinstance(route, DashboardRoute):
                    continue
                address = own_address(route, own)
                answer = browser.request(method, address, data={"name": "x"}, headers=SCRIPT)
                assert (answer.status_code, answer.json()["name"]) == (403, "forged_request")
        assert rows(connection, own) == before
