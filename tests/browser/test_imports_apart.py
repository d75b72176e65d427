"""An import's page whose connection breaks, and the pages of imports that wait or have failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from tests.browser.test_imports import many, upload
from tests.support.dashboard import Dashboard, visiting_dashboard
from tests.support.databases import make_key_of, own_settings
from tests.support.patience import wait_until_ready
from tests.support.product import Process, Product, Team

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

AWAY = re.compile(r"net::ERR_(CONNECTION|EMPTY|INCOMPLETE)")


@pytest.fixture
def product(
    services: EmbeddedServices, template_database: str, tmp_path: Path
) -> Iterator[tuple[Product, Settings]]:
    """A product of which only the API runs, whose worker a test starts when it wants to."""
    del template_database
    with own_settings(services, tmp_path, redis_database=3) as settings, ExitStack() as stack:
        yield Product(settings, tmp_path, stack), settings


@pytest.fixture
def apart(
    browser: Browser, product: tuple[Product, Settings], tmp_path: Path
) -> Iterator[tuple[Dashboard, Callable[[], Process]]]:
    """A signed-in page of a product without a worker, and what starts its API once more."""
    running, settings = product
    url = running.start_api()

    def start_again() -> Process:
        process = running.start("api", "--port", str(urlsplit(url).port))
        wait_until_ready(url)
        return process

    def new_team() -> Team:
        return Team(url, make_key_of(settings, "team"))

    with visiting_dashboard(browser, new_team, tmp_path) as open_dashboard:
        yield open_dashboard(), start_again


def test_a_waiting_import_is_followed_through_a_restart_to_its_end(
    apart: tuple[Dashboard, Callable[[], Process]], product: tuple[Product, Settings]
) -> None:
    (dashboard, start_again), (running, _) = apart, product
    id_ = upload(dashboard, many(3_000))
    page = dashboard.open(f"/imports/{id_}")
    page.get_by_text("Queued", exact=True).wait_for()
    dashboard.check_accessibility()
    page.evaluate("window.stays = true")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
        running.processes[0].kill()
    start_again()
    running.start("worker")
    page.get_by_text("Completed", exact=True).wait_for()
    assert page.locator(".live-total strong").inner_text() == "3,000"
    assert page.evaluate("window.stays"), "the page was not loaded anew"
    # A browser says so itself when a server is not there.
    dashboard.complaints[:] = [each for each in dashboard.complaints if not AWAY.search(each)]


def test_a_stream_that_is_refused_at_first_is_asked_for_again(dashboard: Dashboard) -> None:
    page = dashboard.page
    refused: list[str] = []

    def refuse_twice(route: Route) -> None:
        if len(refused) < 2:
            refused.append(route.request.url)
            route.fulfill(status=409, content_type="application/json", body="{}")
        else:
            route.fallback()

    page.route("**/events", refuse_twice)
    id_ = upload(dashboard, many(60_000))
    dashboard.open(f"/imports/{id_}")
    page.get_by_text("Completed", exact=True).wait_for()
    assert page.locator(".live-total strong").inner_text() == "60,000"


def test_the_page_of_an_import_whose_file_is_gone_says_why(
    apart: tuple[Dashboard, Callable[[], Process]], product: tuple[Product, Settings]
) -> None:
    (dashboard, _), (running, settings) = apart, product
    id_ = upload(dashboard, many(3))
    (file,) = (each for each in uploads(settings).rglob("*") if "-" in each.name and each.is_file())
    file.unlink()
    page = dashboard.open(f"/imports/{id_}")
    running.start("worker")
    page.get_by_text("Failed", exact=True).wait_for()
    page.get_by_role("alert").filter(has_text="file").wait_for()
    assert dashboard.find("button", "Try again").is_visible()
    dashboard.check_accessibility()


def uploads(settings: Settings) -> Path:
    return Path(urlsplit(settings.storage_url).path)
