"""Segments: created, renamed and deleted, in dialogs and without any script."""

from __future__ import annotations

from tests.support.dashboard import Dashboard


def test_a_segment_is_created_renamed_and_deleted(dashboard: Dashboard) -> None:
    page = dashboard.open("/segments")
    dashboard.check_accessibility()
    dashboard.find("link", "New segment").click()
    dashboard.check_accessibility()
    dashboard.find("button", "Create segment").click()
    page.get_by_text("This cannot be empty.").wait_for()
    dashboard.find("textbox", "Name").fill("<b>Friends</b>")
    page.keyboard.press("Enter")
    dashboard.notice("Segment “<b>Friends</b>” created")
    dashboard.check_accessibility()
    dashboard.find("link", "Rename <b>Friends</b>").click()
    dashboard.find("textbox", "Name").fill("Family")
    dashboard.find("button", "Save").click()
    dashboard.notice("Segment renamed to “Family”")
    dashboard.find("link", "Delete Family").click()
    dashboard.find("link", "Cancel").click()
    dashboard.find("link", "Delete Family").click()
    dashboard.find("button", "Delete segment").click()
    dashboard.notice("Segment “Family” deleted")
    assert page.get_by_role("heading", name="No segments yet").is_visible()
