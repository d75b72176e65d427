"""`/docs` in a real browser that reaches no other host."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rollcall.config import Settings
from tests.support.browser import Visit, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Locator


@pytest.fixture(params=["", "/behind/a-proxy"], ids=["at the root", "under a path"])
def address(
    request: pytest.FixtureRequest, settings: Settings, serve: Callable[[Settings], str]
) -> str:
    """The address of an API, at the root of its host or behind a proxy that strips a prefix."""
    prefix: str = request.param
    return serve(settings.model_copy(update={"root_path": prefix})) + prefix


def test_the_page_shows_every_operation_and_works(
    chromium: Path, address: str, team_key: str
) -> None:
    created = httpx.post(
        f"{address}/contacts",
        json={"email": "ada@example.com"},
        headers={"Authorization": f"Bearer {team_key}"},
    )
    document = httpx.get(f"{address}/openapi.json").json()
    operations = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    with visiting(chromium) as visit:
        visit.page.goto(f"{address}/docs")
        visit.page.wait_for_selector(".opblock")
        assert visit.page.title() == "Rollcall API"
        assert shown_operations(visit) == operations
        open_operation(visit, "POST", "/contacts/imports")
        authorize(visit, team_key)
        answer = try_out(visit, "GET", "/contacts")
        assert [each["id"] for each in answer["data"]] == [created.json()["id"]]
        # A key must not outlive the page.
        assert visit.page.evaluate("Object.keys(localStorage).length") == 0
        assert (visit.foreign, visit.complaints) == ([], [])


def shown_operations(visit: Visit) -> set[tuple[str, str]]:
    """Return method and path of each operation."""
    shown = visit.page.locator(".opblock-summary").evaluate_all(
        "all => all.map(each => [each.querySelector('.opblock-summary-method').innerText,"
        " each.querySelector('[data-path]').dataset.path])"
    )
    return {(method, path) for method, path in shown}


def open_operation(visit: Visit, method: str, path: str) -> Locator:
    block = visit.page.locator(f".opblock-{method.lower()}:has([data-path='{path}'])")
    block.locator(".opblock-summary-control").click()
    block.locator(".opblock-body").wait_for()
    return block


def authorize(visit: Visit, key: str) -> None:
    visit.page.locator("button.authorize").first.click()
    dialog = visit.page.locator(".dialog-ux")
    dialog.locator("input").fill(key)
    dialog.locator("button.authorize").click()
    dialog.locator("button.btn-done").click()


def try_out(visit: Visit, method: str, path: str) -> dict[str, list[dict[str, str]]]:
    """Send a request from the page, and return the answer that the page shows."""
    block = open_operation(visit, method, path)
    block.locator("button.try-out__btn").click()
    block.locator("button.execute").click()
    live = block.locator(".live-responses-table")
    assert live.locator("tr.response > td.response-col_status").inner_text().split()[0] == "200"
    shown: dict[str, list[dict[str, str]]] = json.loads(
        live.locator(
            "tr.response > td.response-col_description .highlight-code code"
        ).first.inner_text()
    )
    return shown


def test_the_policy_holds_and_files_are_kept_by_the_browser(address: str) -> None:
    page = httpx.get(f"{address}/docs")
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
    prefix = httpx.URL(address).path.rstrip("/")
    files = re.findall(r'(?:src|href)="([^"]+\?v=[^"]+)"', page.text)
    assert len(files) == 4
    for file in files:
        assert file.startswith(f"{prefix}/docs/")
        answer = httpx.get(str(httpx.URL(address).join(file)))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        again = httpx.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert answer.headers["content-security-policy"] == page.headers["content-security-policy"]
    directives = page.headers["content-security-policy"].split("; ")
    policy = dict(directive.split(" ", 1) for directive in directives)
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/docs/", 200),
        ("HEAD", "/docs", 200),
        ("HEAD", "/docs/start.js", 200),
        ("POST", "/docs", 405),
        ("GET", "/docs/endpoints.py", 404),
        ("GET", "/docs/page.html", 404),
        ("GET", "/docs/..%2Fendpoints.py", 404),
        ("GET", "/docs/oauth2-redirect", 404),
        ("GET", "/redoc", 404),
    ],
)
def test_nothing_else_is_served_there(method: str, path: str, status: int, api: str) -> None:
    answer = httpx.request(method, f"{api}{path}")
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["statusCode"] == status
