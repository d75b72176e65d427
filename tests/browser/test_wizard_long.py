"""The wizard with hundreds of properties and columns, by keyboard alone, and when sessions end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.exports import table
from tests.browser.test_wizard import become, imports_of, line, next_step, settled, upload
from tests.support.dashboard import Dashboard, sign_in_again
from tests.support.patience import wait_until
from tests.support.resources import create_property, create_segment

FILE = table([["Email", "City", "Gone"], ["ann@example.com", "Bonn", ""]])


def test_two_hundred_properties_and_columns(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        for number in range(200):
            create_property(api, f"property_{number:03}")
    names = ["Email", *(f"Field {number}" for number in range(1, 200))]
    page = upload(dashboard, table([names, ["ann@example.com", *["a value"] * 199]]))
    assert page.locator("[data-column]").count() == 200
    # What can be chosen stands in the page once, and in a line when somebody looks at it.
    assert page.locator("option").count() < 1_000
    dashboard.check_accessibility()
    # A list finds by the letters that are typed.
    line(page, "Field 150").locator("select[name=to]").focus()
    with page.expect_response(re.compile(r"/columns/150$")):
        page.keyboard.type("property_137")
    settled(page)
    chosen = line(page, "Field 150").locator("select[name=to]")
    assert chosen.input_value() == "property:property_137"
    # One line is put in its place; all others are those that were there.
    page.locator("[data-column]").evaluate_all("all => all.forEach(each => (each.stays = true))")
    become(page, "Field 7", "skip")
    kept = page.locator("[data-column]").evaluate_all(
        "all => all.filter(each => each.stays).length"
    )
    assert kept == 199
    dashboard.check_accessibility()
    next_step(dashboard, "options")


def test_every_step_by_the_keyboard_alone(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_segment(api, "Friends")
    page = upload(dashboard, FILE)
    page.wait_for_load_state()
    tab_to(dashboard, "City")
    with page.expect_response(re.compile(r"/columns/1$")):
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


WORDS = """() => {
  const at = document.activeElement;
  return (at.labels?.[0] ?? at).textContent.trim() + " " + (at.getAttribute("aria-label") ?? "");
}"""


def tab_to(dashboard: Dashboard, words: str) -> None:
    """Press Tab until the focus is in the main part, on what is called so."""
    page = dashboard.page
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('main') === null"):
            continue
        name = page.evaluate(WORDS)
        if re.search(rf"(^|\W){re.escape(words)}(\W|$)", name) and is_field(dashboard):
            return
    pytest.fail(f"Tab never comes to {words}")


def is_field(dashboard: Dashboard) -> bool:
    """Tell whether something can be chosen or pressed here that leads on."""
    tag = dashboard.page.evaluate("document.activeElement.matches('select, button.primary, input')")
    return bool(tag)


def test_a_session_that_ends_in_each_step_loses_nothing(dashboard: Dashboard) -> None:
    page = upload(dashboard, FILE)
    page.context.clear_cookies()
    select = line(page, "City").locator("select[name=to]")
    select.focus()
    select.select_option("skip")
    go_on_signed_in(dashboard)
    line(page, "City").get_by_text("You have left this out").wait_for()
    # A page that is left while nobody is signed in leads back to where somebody was.
    page.context.clear_cookies()
    dashboard.find("button", "Next").click()
    page.wait_for_url(re.compile("/sign-in"))
    page.get_by_label("API key").fill(dashboard.team.key)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.goto(f"{dashboard.team.url}/dashboard/imports/new")
    dashboard.find("link", "Go on with people.csv").click()
    page.wait_for_url(re.compile("/columns$"))
    assert line(page, "City").locator("select[name=to]").input_value() == "skip"
    next_step(dashboard, "options")
    page.wait_for_load_state()
    page.context.clear_cookies()
    page.get_by_label("Note", exact=True).fill("People of the fair")
    page.get_by_label("Note", exact=True).blur()
    go_on_signed_in(dashboard)
    next_step(dashboard, "check")
    page.go_back()
    assert page.get_by_label("Note", exact=True).input_value() == "People of the fair"


def go_on_signed_in(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.get_by_role("heading", name="You are signed out").wait_for()
    sign_in_again(dashboard)
    dashboard.find("button", "Go on").click()
    page.get_by_role("dialog").wait_for(state="detached")


def test_two_teams_do_the_same_at_the_same_time(open_dashboard: Callable[[], Dashboard]) -> None:
    both = [open_dashboard(), open_dashboard()]
    for each in both:
        upload(each, FILE, f"file of {both.index(each)}.csv")
    foreign = both[0].page.url
    for each in both:
        next_step(each, "options")
        next_step(each, "check")
        each.page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    answer = both[1].page.goto(foreign)
    assert answer is not None
    assert answer.status == 404
    assert "file of 0" not in both[1].page.content()
    both[0].find("button", "Import").click()
    both[0].page.get_by_text("Completed", exact=True).wait_for()
    with both[1].api as api:
        wait_until(lambda: all(each["completed_at"] for each in imports_of(api)))
        assert api.get("/contacts").json()["data"] == []
    both[1].complaints.clear()
