"""Signing in and out, by keyboard alone; and a session that ends while a page is open."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.dashboard import Dashboard, sign_in_again


def test_by_keyboard_alone_from_the_door_to_a_segment_and_out_again(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.context.clear_cookies()
    dashboard.open("/segments")
    dashboard.check_accessibility()
    page.keyboard.type("re_nothing")
    page.keyboard.press("Enter")
    page.get_by_text("There is no such API key.").wait_for()
    dashboard.check_accessibility()
    page.keyboard.type(dashboard.team.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="No segments yet").wait_for()
    # Before the page's scripts have run, the link leads to a page instead of a dialog.
    page.wait_for_load_state()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("Friends")
    page.keyboard.press("Enter")
    dashboard.notice("Segment “Friends” created")
    delete = dashboard.find("link", "Delete Friends")
    delete.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert delete.evaluate("each => each === document.activeElement")
    dashboard.find("button", "Sign out").press("Enter")
    dashboard.notice("You are signed out")


def test_what_is_typed_survives_the_end_of_a_session(dashboard: Dashboard) -> None:
    page = dashboard.open("/segments/new")
    page.goto(f"{dashboard.team.url}/dashboard/segments")
    dashboard.find("link", "New segment").click()
    dashboard.find("textbox", "Name").fill("Friends")
    page.context.clear_cookies()
    dashboard.find("button", "Create segment").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    dashboard.check_accessibility()
    dashboard.find("button", "Go on").click()
    page.get_by_text("You are not signed in yet.").wait_for()
    sign_in_again(dashboard)
    dashboard.find("button", "Go on").click()
    dashboard.notice("Segment “Friends” created")


def test_two_teams_in_two_windows(open_dashboard: Callable[[], Dashboard]) -> None:
    first, second = open_dashboard(), open_dashboard()
    with first.api as api:
        id_ = api.post("/segments", json={"name": "Friends"}).json()["id"]
    assert first.open("/segments").get_by_text("Friends", exact=True).is_visible()
    assert not second.open("/segments").get_by_text("Friends", exact=True).is_visible()
    answer = second.page.request.get(f"{second.team.url}/dashboard/segments/{id_}/edit")
    assert answer.status == 404
    assert "Friends" not in answer.text()
