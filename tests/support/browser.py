"""A real browser for tests of pages: the system's Chromium, which reaches this machine only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Route

# How the reason of a skipped test begins.
BROWSER_MISSING = "The browser tests cannot run: "
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # What no page asks for, such as the browser's own calls home, does not get out either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
OWN_HOSTS = {"127.0.0.1", "localhost", "::1"}


class BrowserUnavailable(Exception):
    """No browser can be run on this machine."""


@dataclass
class Visit:
    """A page, and what went on behind it.

    Attributes:
        foreign: addresses on other hosts that were asked for, and refused.
        complaints: the console's errors, which violations of a Content-Security-Policy are too,
            and exceptions that no script caught.
    """

    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def let_through_own_hosts(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in OWN_HOSTS:
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


def find_chromium() -> Path:
    """Return the system's Chromium.

    Raises:
        BrowserUnavailable: there is none.
    """
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise BrowserUnavailable(
            "There is no Chromium on the PATH; on Debian, `apt-get install chromium`."
        )
    return Path(found)


@contextmanager
def visiting(chromium: Path) -> Iterator[Visit]:
    """Open an empty page in a new browser, which has been nowhere yet.

    Within the block nothing can call `asyncio.run`, since the driver's event loop runs in this
    thread: what makes keys, for one, has to come before it.
    """
    # All tests know this module, and not all environments that they run in have a browser's driver.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=[*OPTIONS], env=home())
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE * 1000)
        visit = Visit(context.new_page())
        context.route("**/*", visit.let_through_own_hosts)
        visit.page.on("console", visit.note)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        try:
            yield visit
        finally:
            context.close()
            browser.close()


def home() -> dict[str, str | float | bool]:
    """Return the environment without a proxy, which would be asked for this machine's pages."""
    return {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
