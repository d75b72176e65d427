"""Topics, properties and API keys: made, changed and taken away again; the theme."""

from __future__ import annotations

import httpx

from tests.support.dashboard import NARROW, Dashboard
from tests.support.resources import (
    create,
    create_contact,
    create_property,
    create_segment,
    create_topic,
)


def test_a_topic(dashboard: Dashboard) -> None:
    page = dashboard.open("/topics")
    dashboard.check_accessibility()
    dashboard.find("link", "New topic").click()
    dashboard.find("textbox", "Name").fill("News")
    dashboard.check_accessibility()
    page.get_by_label("Every contact is subscribed").check()
    dashboard.find("button", "Create topic").click()
    dashboard.notice("Topic “News” created")
    dashboard.find("link", "Edit News").click()
    dashboard.find("textbox", "Description").fill("Once a week.")
    dashboard.find("button", "Save").click()
    dashboard.notice("Topic “News” saved")
    dashboard.check_accessibility()
    with dashboard.api as api:
        (topic,) = api.get("/topics").json()["data"]
    assert (topic["description"], topic["default_subscription"]) == ("Once a week.", "opt_in")
    dashboard.find("link", "Delete News").click()
    dashboard.find("button", "Delete topic").click()
    dashboard.notice("Topic “News” deleted")


def test_a_property(dashboard: Dashboard) -> None:
    page = dashboard.open("/properties")
    dashboard.check_accessibility()
    dashboard.find("link", "New property").click()
    dashboard.find("textbox", "Key").fill("no key")
    page.get_by_label("Type").select_option("Number")
    dashboard.find("textbox", "Fallback value").fill("many")
    dashboard.find("button", "Create property").click()
    page.get_by_text("This is no number").wait_for()
    page.get_by_text("1 to 50 letters, digits or underscores").wait_for()
    dashboard.check_accessibility()
    dashboard.find("textbox", "Key").fill("employees")
    dashboard.find("textbox", "Fallback value").fill("12.50")
    dashboard.find("button", "Create property").click()
    dashboard.notice("Property “employees” created")
    dashboard.check_accessibility()
    with dashboard.api as api:
        (found,) = api.get("/contact-properties").json()["data"]
    assert (found["type"], found["fallback_value"]) == ("number", 12.5)
    dashboard.find("link", "Delete employees").click()
    dashboard.find("button", "Delete property").click()
    dashboard.notice("Property “employees” deleted")


def test_an_api_key_is_shown_once(dashboard: Dashboard) -> None:
    page = dashboard.open("/api-keys")
    dashboard.check_accessibility()
    dashboard.find("link", "New API key").click()
    dashboard.find("textbox", "Name").fill("Backend")
    dashboard.find("button", "Create API key").click()
    token = dashboard.find("textbox", "Backend").input_value()
    dashboard.check_accessibility()
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{dashboard.team.url}/segments", headers=headers).status_code == 200
    dashboard.find("link", "Done").click()
    dashboard.find("link", "Revoke Backend").click()
    assert token not in page.content()
    dashboard.find("button", "Revoke API key").click()
    dashboard.notice("API key “Backend” revoked")
    assert httpx.get(f"{dashboard.team.url}/segments", headers=headers).status_code == 403
    dashboard.find("link", "Revoke test").click()
    page.get_by_text("This browser is signed in with it").wait_for()
    dashboard.check_accessibility()


def test_no_list_is_wider_than_a_narrow_screen(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_segment(api, "W" * 255)
        create_topic(api, "W" * 50)
        create_property(api, "w" * 50, "boolean")
        create(api, "/api-keys", name="W" * 50)
        create_contact(api, f"{'w' * 60}@{'w' * 60}.example.com", first_name="W" * 300)
        name = f"{'w' * 200}.csv"
        api.post("/contacts/imports", files={"file": (name, b"email\nnobody\n")}).raise_for_status()
    page = dashboard.page
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for area in ("imports", "contacts", "segments", "topics", "properties", "api-keys"):
        dashboard.open(f"/{area}")
        sizes = page.locator(".table-wrap").evaluate("each => [each.scrollWidth, each.clientWidth]")
        assert sizes[0] <= sizes[1], area


def test_a_theme_is_kept(dashboard: Dashboard) -> None:
    page = dashboard.open("/topics")
    page.get_by_label("Dark").check(force=True)
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.get_by_label("Dark").is_checked()
