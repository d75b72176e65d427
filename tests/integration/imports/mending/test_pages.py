"""The pages of failed rows over HTTP: their walls, what they refuse, and files that go and come."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.dashboard import COOKIE, TOKEN, sign_in
from tests.support.product import Team
from tests.support.resources import show
from tests.support.uploads import Importer

COLUMN_MAP = {
    "email": "email",
    "properties": {"price": {"column": "price", "type": "number"}},
}
DATA = 'email,price\nann@b.co,"1,5"\nbob,2\nok@b.co,1\n'
ROUTES = [
    ("GET", "", None),
    ("GET", "/values/1", None),
    ("GET", "/rows", None),
    ("GET", "/rows/2", None),
    ("GET", "/replace", None),
    ("GET", "/again", None),
    ("GET", "/failed.csv", None),
    ("POST", "/rules", {"kind": "decimal_comma", "column": "1"}),
    ("POST", "/rules/1/undo", {}),
    ("POST", "/values/1", {}),
    ("POST", "/rows/2", {}),
    ("POST", "/replace", {"column": "0", "find": "x"}),
    ("POST", "/again", {"changes": "0"}),
]


class Visitor:
    """Somebody who is signed in, and sends what the scripts of pages send."""

    def __init__(self, url: str, key: str):
        token = sign_in(Team(url, key))
        self.client = httpx.Client(base_url=f"{url}/dashboard", cookies={COOKIE: token})
        found = TOKEN.search(self.client.get("/segments/new").text)
        assert found
        self.client.headers.update({"x-csrf-token": found[1], "x-requested-with": "rollcall"})

    def ask(self, method: str, path: str, data: Any = None, **more: Any) -> httpx.Response:
        return self.client.request(method, path, data=data, **more)


@pytest.fixture
def visit(api: str) -> Iterator[Callable[[str], Visitor]]:
    opened: list[Visitor] = []

    def enter(key: str) -> Visitor:
        opened.append(Visitor(api, key))
        return opened[-1]

    yield enter
    for each in opened:
        each.client.close()


@pytest.fixture
def visitor(visit: Callable[[str], Visitor], team_key: str) -> Visitor:
    return visit(team_key)


def mend_of(path: str) -> str:
    return f"/imports/{path.rpartition('/')[2]}/mend"


def test_another_team_finds_nothing(
    importer: Importer,
    visitor: Visitor,
    visit: Callable[[str], Visitor],
    make_key: Callable[[str], str],
) -> None:
    path = importer.run(DATA.encode(), column_map=COLUMN_MAP)
    other = visit(make_key("team b"))
    for method, below, data in ROUTES:
        answer = other.ask(method, mend_of(path) + below, data)
        assert answer.status_code == 404, (method, below, answer.text)
    cells = {"cells": [{"row": 2, "column": 0, "value": "x"}]}
    for below, json in (("/cells", cells), ("/check", {"cells": {"0": "x"}})):
        assert other.ask("POST", mend_of(path) + below, json=json).status_code == 404
    file = {"file": ("a.csv", DATA.encode())}
    assert other.ask("POST", f"{mend_of(path)}/upload", files=file).status_code == 404
    # And the team itself gets in everywhere, so that nothing was refused for another reason.
    for method, below, data in ROUTES:
        answer = visitor.ask(method, mend_of(path) + below, data)
        allowed = {200, 409} if below == "/again" else {200}
        assert answer.status_code in allowed, (method, below, answer.text)


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/rows?state=x", {}, 422, "state"),
    ("GET", "/rows?after=x", {}, 422, "after"),
    ("GET", "/rows?code=invalid_email&column=9", {}, 422, "column"),
    ("GET", "/rows/4", {}, 404, "left to be mended"),
    ("GET", "/rows/x", {}, 404, "left to be mended"),
    ("GET", "/values/9", {}, 422, "column"),
    ("POST", "/rules", {"data": {"kind": "x"}}, 422, "kind"),
    ("POST", "/rules", {"data": {"kind": "words", "column": "-1"}}, 422, "column"),
    (
        "POST",
        "/rules",
        {"data": {"kind": "address_from", "column": "0", "settings": "[]"}},
        422,
        "settings",
    ),
    ("POST", "/rules/7/undo", {"data": {}}, 404, "Rule not found"),
    ("POST", "/values/1", {"data": {"value": "[]", "choice": "empty"}}, 422, "value"),
    ("POST", "/values/1", {"data": {"value": '["x", 1]'}}, 422, "choice"),
    ("POST", "/again", {"data": {"changes": "x"}}, 422, "changes"),
    ("POST", "/again", {"data": {"changes": "9"}}, 409, "changed meanwhile"),
    ("POST", "/again", {"data": {"changes": "0"}}, 409, "No failed row is mended"),
    ("POST", "/cells", {"json": {"cells": [{"row": 2}]}}, 422, "column"),
    (
        "POST",
        "/cells",
        {"json": {"cells": [{"row": 2, "column": 5000, "value": "x"}]}},
        422,
        "column",
    ),
    (
        "POST",
        "/cells",
        {"json": {"cells": [{"row": 2, "column": 0, "value": "a\0b"}]}},
        422,
        "NUL",
    ),
    ("POST", "/check", {"json": {"cells": {"-1": "x"}}}, 422, "cells"),
]


def test_what_is_refused(importer: Importer, visitor: Visitor) -> None:
    path = importer.run(DATA.encode(), column_map=COLUMN_MAP)
    for method, below, sent, status, words in REFUSED:
        answer = visitor.client.request(method, mend_of(path) + below, **sent)
        said = answer.json()["message"]
        assert (answer.status_code, words in said) == (status, True), (below, sent, answer.text)


def test_only_what_has_ended_and_was_no_dry_run_is_mended(
    importer: Importer, visitor: Visitor
) -> None:
    running = importer.upload(DATA.encode(), column_map=COLUMN_MAP)
    answer = visitor.ask("GET", mend_of(running))
    assert (answer.status_code, "has not ended" in answer.text) == (409, True)
    importer.work(running)
    dry = importer.run(DATA.encode(), column_map=COLUMN_MAP, dry_run="true")
    answer = visitor.ask("GET", mend_of(dry))
    assert (answer.status_code, "dry run" in answer.text) == (409, True)


def test_what_is_typed_is_checked_by_the_rules_of_an_import(
    importer: Importer, visitor: Visitor
) -> None:
    path = importer.run(DATA.encode(), column_map=COLUMN_MAP)
    answer = visitor.ask(
        "POST", f"{mend_of(path)}/check", json={"cells": {"0": "ann@b", "1": "x", "2": "more"}}
    )
    said = answer.json()["problems"]
    assert said["0"].endswith("there is no dot behind the @.")
    assert '"x" in column "price"' in said["1"]
    assert "more cells than the header" in said["2"]


def test_failed_rows_go_to_a_spreadsheet_and_come_back(
    importer: Importer, visitor: Visitor, connection: psycopg.Connection[Any]
) -> None:
    path = importer.run(DATA.encode(), "people.csv", column_map=COLUMN_MAP)
    cells = {"cells": [{"row": 3, "column": 1, "value": "7"}]}
    assert visitor.ask("POST", f"{mend_of(path)}/cells", json=cells).status_code == 200
    answer = visitor.ask("GET", f"{mend_of(path)}/failed.csv")
    assert "people-failures.csv" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    # As they are by now.
    assert [row[:3] for row in rows] == [
        ["email", "price", "import_row"],
        ["ann@b.co", "1,5", "2"],
        ["bob", "7", "3"],
    ]
    del rows[2]
    rows[1][1] = "1.5"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = {"file": ("people-failures.csv", text.getvalue().encode())}
    answer = visitor.ask("POST", f"{mend_of(path)}/upload", files=file)
    into = "/contacts" + re.sub(".*/dashboard", "", answer.headers["x-location"])
    importer.work(into)
    again = show(importer.client, into)
    assert (again["counts"]["created"], again["counts"]["total"]) == (1, 1)
    mended_from = connection.execute("SELECT mended_from FROM contact_imports ORDER BY id DESC")
    assert mended_from.fetchone() == (uuid.UUID(path.rpartition("/")[2]),)
    # The row that went is no longer offered.
    assert visitor.ask("GET", f"{mend_of(path)}/rows/2").status_code == 404
    assert visitor.ask("GET", f"{mend_of(path)}/rows/3").status_code == 200


def test_a_corrected_file_with_other_columns_is_looked_through_first(
    importer: Importer, visitor: Visitor
) -> None:
    path = importer.run(DATA.encode(), column_map=COLUMN_MAP)
    file = {"file": ("x.csv", b"e-mail,price,city\nann@b.co,1.5,Bonn\n")}
    answer = visitor.ask("POST", f"{mend_of(path)}/upload", files=file)
    assert answer.status_code == 200, answer.text
    assert re.search("/drafts/[0-9a-f-]{36}/columns$", answer.headers["x-location"])
    assert len(show(importer.client, "/contacts/imports")["data"]) == 1
