"""Every field of the dashboard's forms and queries, with ids of another team and with nonsense.

The fields come from the routes' signatures. A page whose form or query is new is tried by itself,
or fails here until it is said what a form of it is that is taken.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute

import rollcall.dashboard
from rollcall.config import Settings
from rollcall.dashboard.frame.open_forms import ANY, OpenForm
from tests.integration.test_dashboard_walls import SCRIPT, addresses, areas, own_address, walked
from tests.support.dashboard import browsing
from tests.support.resources import NOBODY
from tests.support.uploads import Importer
from tests.support.worlds import World, build, rows

Key = tuple[str, str]
MEND = "/imports/{import_id}/mend"
# Texts that a team writes are kept as they are, whatever they say.
TEXTS = {
    *("name", "description", "note", "email", "first_name", "last_name", "key", "fallback_value"),
    *("find", "replacement", "value", "segment_name", "topic_name", "more", "words"),
    *("property.*", "cell-*"),
}
# A form of each page that is taken, so that what is tried in a field of it is looked at. What is
# called as an id of a team's world stands for that id.
TAKEN: dict[Key, dict[str, str]] = {
    ("POST", "/drafts/{draft_id}/columns/{index}"): {"name": "email", "to": "email"},
    ("POST", "/drafts/{draft_id}/file"): {},
    ("POST", "/drafts/{draft_id}/options"): {"note": "x"},
    ("POST", "/drafts/{draft_id}/segments"): {"segment_name": "x"},
    ("POST", "/drafts/{draft_id}/topics"): {"topic_name": "x"},
    ("POST", "/imports/{import_id}/note"): {"note": "x"},
    ("POST", f"{MEND}/rules"): {"kind": "decimal_comma", "column": "1", "settings": "{}"},
    ("POST", f"{MEND}/rules/{{rule_id}}/undo"): {},
    ("POST", f"{MEND}/values/{{column}}"): {"value": '["x", 1]', "choice": "empty"},
    ("POST", f"{MEND}/rows/{{row}}"): {"cell-1": "7"},
    ("POST", f"{MEND}/replace"): {"column": "1", "find": "x"},
    ("POST", f"{MEND}/again"): {"changes": "0"},
    ("POST", "/contacts/new"): {"email": "new@example.com"},
    ("POST", "/contacts/{contact_id}"): {"email": "own@example.com", "seen": ""},
    ("POST", "/contacts/{contact_id}/segments"): {"segment_id": "segment_id"},
    ("POST", "/contacts/{contact_id}/topics"): {},
    ("POST", "/segments/new"): {"name": "x"},
    ("POST", "/segments/{segment_id}/edit"): {"name": "x"},
    ("POST", "/topics/new"): {"name": "x"},
    ("POST", "/topics/{topic_id}/edit"): {"name": "x"},
    ("POST", "/properties/new"): {"key": "x"},
    ("POST", "/properties/{property_id}/edit"): {},
    ("POST", "/api-keys/new"): {"name": "x"},
    ("POST", "/api-keys/{key_id}/edit"): {"name": "x"},
}
JSON: dict[Key, Any] = {
    ("POST", f"{MEND}/cells"): {"cells": [{"row": 2, "column": 1, "value": "7"}], "back": "/rows"},
    ("POST", f"{MEND}/check"): {"cells": {"1": "x"}},
}
# Forms that cannot be taken by a team that has just begun: what is refused is seen all the same.
REFUSED = {("POST", f"{MEND}/again"): 409}
NONSENSE = (
    *("", "-1", "9" * 40, "000000999999999", "1e999", "²", "[" * 5_000, '{"other": 1}'),
    *(f'["x", {"9" * 400}]', "a\0b", "\ud800", "\u202e<b>\U0001f600", "/rows?a=\u20ac", "\r\nx: y"),
    *("undo", "new", "key", "mode"),
)
# Failed rows of an import that has ended, to be mended.
DATA = b'email,price\nann@b.co,"1,5"\nbob,2\n'
MAP = {"email": "email", "properties": {"price": {"column": "price", "type": "number"}}}


@dataclass(frozen=True, kw_only=True)
class Wall:
    """A team's pages, and another team, of which nothing may be seen or touched in them."""

    browser: httpx.Client
    own: World
    other: World


@pytest.fixture
def wall(
    client: httpx.Client,
    other_client: httpx.Client,
    connection: psycopg.Connection[Any],
    settings: Settings,
) -> Iterator[Wall]:
    importer = Importer(client=other_client, settings=settings, team_id=uuid.UUID(NOBODY))
    ended = importer.run(DATA, column_map=MAP)
    other = build(client, connection, "wall_secret")
    own = build(other_client, connection, "own")
    ids = {**own.ids, "import_id": ended.rpartition("/")[2]}
    with browsing(other_client) as browser:
        yield Wall(browser=browser, own=replace(own, ids=ids), other=other)


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from dependants(each)


def query_fields(route: APIRoute) -> list[str]:
    return [each.alias for part in dependants(route.dependant) for each in part.query_params]


def form_fields(route: APIRoute) -> list[str]:
    found = []
    for part in dependants(route.dependant):
        found += [each.alias for each in part.body_params if isinstance(each.field_info, Form)]
        if isinstance(part.call, OpenForm):
            found += part.call.names
    return found


def takes_json(route: APIRoute) -> bool:
    parts = dependants(route.dependant)
    return any(not isinstance(each.field_info, Form) for part in parts for each in part.body_params)


def values(field: str, other: World) -> Iterator[str]:
    """Yield what is tried in a field: all that the other team has, and what nobody has."""
    if field not in TEXTS:
        yield from sorted(set(other.ids.values()))
        yield from (other.key, f"property:{other.key}", other.email)
    yield from (NOBODY, *NONSENSE)


def names(field: str, value: str, other: World) -> list[tuple[str, str]]:
    """Return a field with a value; one whose name is open has the value in its name, too."""
    if not field.endswith(ANY):
        return [(field, value)]
    theirs = [other.ids["topic_id"], other.ids["segment_id"], other.key]
    beginning = field.removesuffix(ANY)
    return [(beginning + value, "opt_in"), *((beginning + each, value) for each in theirs)]


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all values within JSON."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in pairs:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, name))


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def calls(key: Key, route: APIRoute, wall: Wall) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is sent for every way in which a field of a page is tried: address and body."""
    address = own_address(route, wall.own)
    for name in query_fields(route):
        for value in values(name, wall.other):
            yield f"{address}?{encoded({name: value})}", {}
    for field in form_fields(route):
        for value in values(field, wall.other):
            for name, said in names(field, value, wall.other):
                yield address, form({**taken(key, address, wall), name: said})
    for place in leaves(JSON.get(key, {})):
        # What is in a cell is a text.
        field = "value" if place[-1] in ("value", "1") else str(place[-1])
        for value in values(field, wall.other):
            kind = {"content-type": "application/json"}
            yield address, {"content": json.dumps(put(JSON[key], place, value)), "headers": kind}


def taken(key: Key, address: str, wall: Wall) -> dict[str, str]:
    """Return the form of a page that is taken, for the team as it is now."""
    data = {name: wall.own.ids.get(value, value) for name, value in TAKEN[key].items()}
    if "seen" in data:
        found = re.search('name="seen" value="([^"]+)', wall.browser.get(address).text)
        assert found
        data["seen"] = found[1]
    return data


def form(data: dict[str, str]) -> dict[str, Any]:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return {"content": encoded(data), "headers": kind}


def encoded(data: dict[str, str]) -> str:
    """Return a form as somebody sends it who does not care about half characters."""
    return urlencode(data, errors="surrogatepass")


def assert_in_words(answer: httpx.Response, sent: Any) -> None:
    """Hold an answer that says no to saying why, on a page or to a script."""
    assert answer.status_code < 500, (sent, answer.text)
    if answer.status_code < 400:
        return
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["message"], sent
    else:
        assert re.search(r'class="(error|alert bad)|<h1', answer.text), (sent, answer.text)


@pytest.mark.parametrize("routes", areas())
def test_no_field_takes_anything_of_another_team(
    wall: Wall, connection: psycopg.Connection[Any], routes: list[tuple[str, APIRoute]]
) -> None:
    before = rows(connection, wall.other)
    # A person and a script, in turn.
    askers = itertools.cycle(({}, {**SCRIPT, "x-keep": "true"}))
    for method, route in routes:
        for address, given in calls((method, route.path), route, wall):
            sent = {**given, "headers": {**next(askers), **given.get("headers", {})}}
            answer = wall.browser.request(method, address, **sent)
            assert_in_words(answer, (address, given))
            assert_nothing_leaked(answer, (address, given), wall.other)
        assert rows(connection, wall.other) == before, route.path
        kept = "\n".join(rows(connection, wall.own))
        assert [id_ for id_ in wall.other.ids.values() if id_ in kept] == [], route.path


def assert_nothing_leaked(answer: httpx.Response, sent: Any, other: World) -> None:
    secrets = {"wall_secret", *other.ids.values()}
    leaked = [text for text in secrets if text not in str(sent) and text in answer.text]
    assert leaked == [], (sent, answer.text)


@pytest.mark.parametrize("routes", areas())
def test_the_forms_that_are_tried_are_taken_by_a_teams_own_pages_alone(
    wall: Wall, connection: psycopg.Connection[Any], routes: list[tuple[str, APIRoute]]
) -> None:
    before = rows(connection, wall.other)
    for method, route in routes:
        key, address = (method, route.path), own_address(route, wall.own)
        for foreign in addresses(route, wall.own, wall.other) if key in TAKEN else ():
            answer = wall.browser.request(method, foreign, **form(taken(key, address, wall)))
            assert answer.status_code == 404, (foreign, answer.text)
        if form_fields(route):
            answer = wall.browser.request(method, address, **form(taken(key, address, wall)))
            expected = {REFUSED[key]} if key in REFUSED else {200, 201, 303}
            assert answer.status_code in expected, (key, answer.text)
        if takes_json(route):
            answer = wall.browser.request(method, address, json=JSON[key])
            assert answer.status_code == 200, answer.text
    assert rows(connection, wall.other) == before


def test_no_page_reads_what_its_signature_does_not_name() -> None:
    """A field that is read in another way would be tried by nobody."""
    folder = Path(rollcall.dashboard.__file__).parent
    reading = re.compile(r"\.form\(\)|\.json\(\)|\.body\(\)|query_params(?!\.multi_items)")
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if reading.search(path.read_text())
    }
    assert found == {"frame/forgery.py", "frame/open_forms.py"}


def test_all_forms_that_are_tried_are_those_of_pages() -> None:
    forms = {(method, route.path) for method, route in walked() if form_fields(route)}
    bodies = {(method, route.path) for method, route in walked() if takes_json(route)}
    assert forms - {("POST", "/sign-in"), *TAKEN} == set()
    assert bodies == JSON.keys()
