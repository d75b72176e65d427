"""The wizard by the keyboard alone, and with files wider than any screen."""

from __future__ import annotations

import re

from tests.browser.exports import table
from tests.browser.test_wizard import become, line, next_step, settled, upload
from tests.support.dashboard import Dashboard


def test_by_the_keyboard_alone(dashboard: Dashboard) -> None:
    page = upload(dashboard, table([["Email", "City"], ["ann@example.com", "Bonn"]]))
    city = line(page, "City")
    city.locator("select[name=to]").focus()
    with page.expect_response(re.compile(r"/columns/\d+$")):
        page.keyboard.type("Do not")
    settled(page)
    city.get_by_text("You have left this out").wait_for()
    assert page.evaluate("document.activeElement.id") == "to-1"
    page.keyboard.press("Tab")
    with page.expect_response(re.compile(r"/columns/\d+$")):
        page.keyboard.press("Enter")
    settled(page)
    assert page.evaluate("document.activeElement.id") == "to-1", "the focus is not lost"
    for step in ("options", "check"):
        dashboard.find("button", "Next").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"/{step}$"))
    page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    dashboard.find("button", "Import").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/imports/[0-9a-f-]{36}"))


def test_a_wide_file_stays_usable_and_the_next_one_is_known(dashboard: Dashboard) -> None:
    names = ["Email", *(f"Field {number}" for number in range(1, 200))]
    wide = table([names, ["ann@example.com", *["a long value " * 40] * 199]])
    page = upload(dashboard, wide, "a very long name of a file that goes on and on.csv")
    assert page.locator("[data-column]").count() == 200
    become(page, "Field 7", "skip")
    next_step(dashboard, "options")
    next_step(dashboard, "check")
    page.get_by_text("Checked: this is what would become of 1 row.").wait_for()
    dashboard.check_accessibility()
    dashboard.find("button", "Import").click()
    page.wait_for_url(re.compile("/imports/[0-9a-f-]{36}"))
    upload(dashboard, wide)
    page.get_by_role("heading", name="Every column is known").wait_for()
    dashboard.check_accessibility()
    dashboard.find("button", "Next").click()
    page.wait_for_url(re.compile("/options$"))
