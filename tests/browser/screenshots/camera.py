"""Pictures of pages: each in light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rollcall.dashboard.frame.paths import PREFIX
from tests.browser.screenshots.png import with_few_colours
from tests.browser.screenshots.shots import Shot
from tests.browser.screenshots.studio import Studio
from tests.support.browser import OPTIONS, find_chromium, home
from tests.support.dashboard import NARROW, WIDE, sign_in_window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

SCHEMES = ("light", "dark")
SIZES = {"wide": WIDE, "narrow": NARROW}
# 1,200 pixels, twice as wide as the README shows them, so that they are sharp on every screen.
SMALL: ViewportSize = {"width": 1080, "height": 675}
SMALL_SCALE = 1200 / 1080
# The longest that a page takes to become what is photographed.
SECONDS = 60


@dataclass(frozen=True)
class Camera:
    """A browser that is signed in as whoever a page is for."""

    browser: Browser
    studio: Studio

    def take_all_forms(self, shot: Shot, folder: Path) -> None:
        """Write `NAME-SIZE-SCHEME.png` for every size and colour scheme, as long as the page is."""
        for size, viewport in SIZES.items():
            with self._opened(shot, viewport) as page:  # type: ignore[arg-type]
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    # It would stand in the middle of a long page's picture.
                    has_dialog = page.locator("dialog[open]").count() > 0
                    page.screenshot(
                        path=folder / f"{shot.name}-{size}-{scheme}.png", full_page=not has_dialog
                    )

    def take_small(self, shot: Shot, path: Path) -> None:
        """Write one picture of a page's beginning, light."""
        with self._opened(shot, SMALL, SMALL_SCALE) as page:
            path.write_bytes(with_few_colours(page.screenshot()))

    @contextmanager
    def _opened(self, shot: Shot, viewport: ViewportSize, scale: float = 1) -> Iterator[Page]:
        context = self.browser.new_context(
            viewport=viewport,
            device_scale_factor=scale,
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(SECONDS * 1000)
        try:
            if shot.team is not None:
                sign_in_window(context, self.studio.teams[shot.team])
            page = context.new_page()
            self._go(shot, page)
            yield page
        finally:
            context.close()

    def _go(self, shot: Shot, page: Page) -> None:
        address = shot.address.format(**self.studio.ids)
        over = shot.over.format(**self.studio.ids)
        page.goto(f"{self.studio.url}{PREFIX}{over or address}")
        page.wait_for_load_state()
        if over:
            page.locator(f'a[data-dialog][href^="{PREFIX}{address}"]').first.click()
            page.locator("dialog[open] :is(h2, h1)").first.wait_for()
        if shot.then:
            shot.then(page)
        page.evaluate("document.fonts.ready")


@contextmanager
def open_camera(studio: Studio) -> Iterator[Camera]:
    """Start the system's Chromium.

    Raises:
        BrowserUnavailable: there is none.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = find_chromium()
        browser = driver.chromium.launch(executable_path=path, args=[*OPTIONS], env=home())
        try:
            yield Camera(browser, studio)
        finally:
            browser.close()


def write_index(names: list[str], folder: Path) -> None:
    """Write a page that shows every shot in all its forms beside each other."""
    forms = [f"{size}-{scheme}" for scheme in SCHEMES for size in SIZES]
    parts = [
        f'<h2 id="{name}">{re.sub("-", " ", name)}</h2><p>'
        + "".join(f'<img src="{name}-{form}.png" alt="{form}" height="480"> ' for form in forms)
        for name in names
    ]
    (folder / "index.html").write_text("<!doctype html>\n" + "\n".join(parts) + "\n")
