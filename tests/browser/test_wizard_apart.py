"""The wizard when its session ends on the way, by two teams at once, and by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.exports import table
from tests.browser.test_wizard import SAVED, imports_of, line, next_step, settled, upload
from tests.support.dashboard import Dashboard, sign_in_again
from tests.support.resources import create_segment

FILE = table([["Email", "City", "Gone"], ["ann@example.com", "Bonn", ""]])
NAME = """() => {
  const at = document.activeElement;
  if (!at.closest("main") || !at.matches("select, input, button.primary")) return "";
  return (at.labels?.[0] ?? at).textContent.trim();
}"""


def test_a_session_that_ends_in_each_step_loses_nothing(dashboard: Dashboard) -> None:
    page = upload(dashboard, FILE)
    page.wait_for_load_state()
    page.context.clear_cookies()
    select = line(page, "City").locator("select[name=to]")
    select.focus()
    select.select_option("skip")
    go_on_signed_in(dashboard)
    line(page, "City").get_by_text("You have left this out").wait_for()
    page.context.clear_cookies()
    dashboard.find("button", "Next").click()
    # Not sent by a script, it leads to the door and back.
    page.wait_for_url(re.compile("/sign-in"))
    page.get_by_label("API key").fill(dashboard.team.key)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/columns$"))
    assert line(page, "City").locator("select[name=to]").input_value() == "skip"
    next_step(dashboard, "options")
    page.wait_for_load_state()
    page.context.clear_cookies()
    note = page.locator("textarea[name=note]")
    note.fill("People of the fair")
    note.blur()
    go_on_signed_in(dashboard)
    next_step(dashboard, "check")
    page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    page.go_back()
    assert note.input_value() == "People of the fair"


def go_on_signed_in(dashboard: Dashboard) -> None:
    """Sign in in another tab, come back, and go on with what is open."""
    page = dashboard.page
    page.get_by_role("heading", name="You are signed out").wait_for()
    sign_in_again(dashboard)
    dashboard.find("button", "Go on").click()
    page.get_by_role("dialog").wait_for(state="detached")


def test_two_teams_do_the_same_at_the_same_time(open_dashboard: Callable[[], Dashboard]) -> None:
    first, second = open_dashboard(), open_dashboard()
    for each in (first, second):
        upload(each, FILE, "people of one.csv" if each is first else "people of two.csv")
    foreign = first.page.url
    for each in (first, second):
        next_step(each, "options")
        next_step(each, "check")
        each.page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    answer = second.page.request.get(foreign)
    assert answer.status == 404
    assert "people of one" not in answer.text()
    first.find("button", "Import").click()
    first.page.get_by_text("Completed", exact=True).wait_for()
    with first.api as api:
        assert [each["email"] for each in api.get("/contacts").json()["data"]] == [
            "ann@example.com"
        ]
    with second.api as api:
        assert [each["dry_run"] for each in imports_of(api)] == [True]
        assert api.get("/contacts").json()["data"] == []


def test_every_step_by_the_keyboard_alone(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_segment(api, "Friends")
    page = upload(dashboard, FILE)
    page.wait_for_load_state()
    tab_to(dashboard, "City")
    with page.expect_response(SAVED):
        page.keyboard.type("Do not")
    settled(page)
    tab_to(dashboard, "Next")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/options$"))
    page.wait_for_load_state()
    tab_to(dashboard, "Friends")
    with page.expect_response(re.compile("/options$")):
        page.keyboard.press("Space")
    tab_to(dashboard, "Next")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/check$"))
    page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    page.wait_for_load_state()
    tab_to(dashboard, "Import")
    page.keyboard.press("Enter")
    page.get_by_text("Completed", exact=True).wait_for()
    with dashboard.api as api:
        contact = api.get("/contacts/ann@example.com").json()
        segments = api.get("/contacts/ann@example.com/segments").json()["data"]
    assert "city" not in contact["properties"]
    assert [segment["name"] for segment in segments] == ["Friends"]


def tab_to(dashboard: Dashboard, words: str) -> None:
    """Press Tab until the focus is on a field or a button of the step that is called so."""
    for _ in range(80):
        dashboard.page.keyboard.press("Tab")
        if re.search(rf"\b{words}\b", dashboard.page.evaluate(NAME)):
            return
    pytest.fail(f"Tab never comes to {words}")
