"""Pages of the dashboard in a browser, and what holds for every one of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from tests.support.browser import OWN_HOSTS
from tests.support.patience import PATIENCE
from tests.support.product import Team

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Locator,
        Page,
        Request,
        Response,
        Route,
    )

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
# An answer that says no is no fault of a page; what is missing or has crashed is.
REFUSED = re.compile(r"Failed to load resource: .* status of (401|403|409|413|415|422|429) ")
COOKIE = "rollcall_session"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Dashboard:
    """A page of a team, and what went on behind it.

    Attributes:
        folder: for files that a test sends, and for what it downloads.
        foreign: addresses on other hosts that were asked for, and refused.
        complaints: errors in the console, and exceptions that no script caught.
        answers: what was asked for and came of it, for whoever looks for why a test failed.
    """

    team: Team
    page: Page
    folder: Path
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def api(self) -> httpx.Client:
        """A client of the API with the team's key."""
        return self.team.client()

    def open(self, below: str) -> Page:
        """Go to a page; `/segments` is below `/dashboard`."""
        self.page.goto(f"{self.team.url}/dashboard{below}")
        return self.page

    def find(self, role: str, name: str) -> Locator:
        """Return what a screen reader would call so."""
        return self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]

    def notice(self, words: str) -> None:
        """Wait until the page says this of what was done, and its scripts have run."""
        self.page.locator(".toast", has_text=words).wait_for()
        # Before, a key pressed on a link leads to a page instead of a dialog.
        self.page.wait_for_load_state()

    def check_accessibility(self) -> None:
        """Hold the page, as it is now, to axe's rules: light and dark, wide and narrow."""
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.hold_to_axe(f"{scheme}, {size['width']} px")
            wider = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{self.page.url} is {wider} px too wide at {size['width']} px"
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def hold_to_axe(self, how: str) -> None:
        """Hold the page to axe's rules as it looks now, which `how` tells of."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{self.page.url} ({how})\n{found.generate_report()}"

    def let_through_own_hosts(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in OWN_HOSTS:
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def note_answer(self, response: Response) -> None:
        self.answers.append(f"{response.status} {response.request.method} {response.url}")

    def note_failure(self, request: Request) -> None:
        self.answers.append(f"{request.failure} {request.method} {request.url}")

    def note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSED.match(message.text):
            self.complaints.append(message.text)


@contextmanager
def visiting_dashboard(
    browser: Browser, new_team: Callable[[], Team], folder: Path
) -> Iterator[Callable[[], Dashboard]]:
    """Open signed-in pages; in the end find out what none of them may do."""
    opened: list[tuple[BrowserContext, Dashboard]] = []

    def open_another() -> Dashboard:
        team = new_team()
        context = browser.new_context(
            viewport=WIDE,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE * 1000)
        sign_in_window(context, team)
        dashboard = Dashboard(team, context.new_page(), folder)
        context.route("**/*", dashboard.let_through_own_hosts)
        dashboard.page.on("console", dashboard.note)
        dashboard.page.on("response", dashboard.note_answer)
        dashboard.page.on("requestfailed", dashboard.note_failure)
        dashboard.page.on("pageerror", lambda error: dashboard.complaints.append(str(error)))
        opened.append((context, dashboard))
        return dashboard

    try:
        yield open_another
    finally:
        for context, dashboard in opened:
            # Shown with a test that has failed.
            sys.stdout.write("\n".join([dashboard.page.url, *dashboard.answers, ""]))
            context.close()
    for _, dashboard in opened:
        assert (dashboard.foreign, dashboard.complaints) == ([], [])


def sign_in(team: Team) -> str:
    """Sign a team in by its key, without a browser; return what is in the cookie."""
    with httpx.Client(base_url=f"{team.url}/dashboard") as client:
        answer = client.post(
            "/sign-in", data={"key": team.key, "csrf": token_of(client.get("/sign-in"))}
        )
        assert answer.status_code == 303, answer.text
        return str(client.cookies[COOKIE])


def sign_in_window(context: BrowserContext, team: Team) -> None:
    """Sign a team in for all pages of a browser's window."""
    address = f"{team.url}/dashboard"
    cookie = {"name": COOKIE, "value": sign_in(team), "url": address, "httpOnly": True}
    context.add_cookies([cookie])  # type: ignore[list-item]


def sign_in_again(dashboard: Dashboard) -> None:
    """Sign the team of a page in, as if it were done in another tab."""
    sign_in_window(dashboard.page.context, dashboard.team)


@contextmanager
def browsing(client: httpx.Client) -> Iterator[httpx.Client]:
    """Sign the team of an API's client in; yield a client of its pages, with their token."""
    key = client.headers["authorization"].removeprefix("Bearer ")
    url = str(client.base_url).rstrip("/")
    with httpx.Client(base_url=url, cookies={COOKIE: sign_in(Team(url, key))}) as browser:
        browser.headers["x-csrf-token"] = token_of(browser.get("/dashboard/segments"))
        yield browser


def token_of(page: httpx.Response) -> str:
    """Return what the forms of a page have to bring along."""
    found = TOKEN.search(page.text)
    assert found, page.text
    return found[1]
