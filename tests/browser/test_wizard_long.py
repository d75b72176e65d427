"""The wizard with hundreds of properties and columns: one is found by typing its name."""

from __future__ import annotations

import re

from tests.browser.exports import table
from tests.browser.test_wizard import become, line, next_step, settled, upload
from tests.support.dashboard import Dashboard
from tests.support.resources import create_property

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
    # Once: its rules take long on so many lines.
    dashboard.hold_to_axe("200 columns")
    next_step(dashboard, "options")
