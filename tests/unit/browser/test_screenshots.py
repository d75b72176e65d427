"""No page of the dashboard is forgotten where all are photographed, and the README shows some."""

from __future__ import annotations

import re

from fastapi.routing import APIRoute

from rollcall.dashboard.routers import ROUTERS
from tests.browser.screenshots.shots import NO_PAGES, README, SHOTS
from tests.support.documents import ROOT

MAX_BYTES = 100_000
IMAGE = re.compile(r'<img src="docs/images/(\w+)\.png" width="\d+" alt="([^"]+)">')


def routes() -> list[APIRoute]:
    """Return what answers a GET, in the order in which a request looks for its page."""
    found = [route for router in ROUTERS for route in router.routes]
    pages = [route for route in found if isinstance(route, APIRoute)]
    return [route for route in pages if "GET" in (route.methods or ())]


def page_at(address: str) -> str | None:
    """Return the path of the route that answers at an address."""
    path = address.partition("?")[0]
    return next((route.path for route in routes() if route.path_regex.match(path)), None)


def test_every_page_is_photographed() -> None:
    photographed = {page_at(place) for shot in SHOTS for place in (shot.address, shot.over)}
    assert photographed - {None} == {route.path for route in routes()} - NO_PAGES.keys()


def test_what_is_no_page_is_still_there() -> None:
    assert NO_PAGES.keys() <= {route.path for route in routes()}


def test_every_shot_has_a_name_of_its_own() -> None:
    names = [shot.name for shot in SHOTS]
    assert len(names) == len(set(names))
    assert set(README.values()) <= set(names)


def test_the_readme_shows_its_pictures_which_are_small_and_told_in_words() -> None:
    shown = dict(IMAGE.findall((ROOT / "README.md").read_text()))
    assert list(shown) == list(README)
    assert all(len(words) > 20 for words in shown.values())
    files = [ROOT / "docs" / "images" / f"{name}.png" for name in README]
    assert sorted(files) == sorted((ROOT / "docs" / "images").iterdir())
    assert all(file.stat().st_size < MAX_BYTES for file in files)
