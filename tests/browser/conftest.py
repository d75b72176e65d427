"""The dashboard in a browser: a signed-in page of a new team, at an API that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import OPTIONS, home
from tests.support.dashboard import Dashboard, visiting_dashboard
from tests.support.product import Team

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for the tests of a file.

    No longer than these take: an event loop runs in this thread as long as there is a driver, and
    tests of others could not run one of their own.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=[*OPTIONS], env=home())
        yield running
        running.close()


@pytest.fixture
def open_dashboard(
    browser: Browser, new_team: Callable[[], Team], tmp_path: Path
) -> Iterator[Callable[[], Dashboard]]:
    """Sign a new team in, in a browser window of its own that shares nothing with others."""
    with visiting_dashboard(browser, new_team, tmp_path) as open_another:
        yield open_another


@pytest.fixture
def dashboard(open_dashboard: Callable[[], Dashboard]) -> Dashboard:
    """A signed-in page of a new team.

    The test fails in the end when the page has asked another host for something, has an error in
    its console, or an exception that no script caught.
    """
    return open_dashboard()
