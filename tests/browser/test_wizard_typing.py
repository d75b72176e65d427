"""What is typed in the wizard is taken as it stands in its field."""

from __future__ import annotations

import re

from playwright.sync_api import Route

from tests.browser.test_wizard import PEOPLE, SAVED, line, settled, upload
from tests.support.dashboard import Dashboard
from tests.support.patience import wait_until


def test_what_is_typed_before_an_answer_has_come_stays(dashboard: Dashboard) -> None:
    page = upload(dashboard, PEOPLE)
    key = line(page, "Worth").get_by_label("Key")
    held: list[Route] = []
    page.route(SAVED, lambda route: held.append(route))  # noqa: PLW0108  (it counts parameters)
    line(page, "Worth").get_by_label("Fractions stand behind a comma").uncheck()
    # Whatever is asked of the page lets its requests be heard of.
    wait_until(lambda: page.evaluate("true") and len(held) == 1)
    key.fill("of_what")
    with page.expect_response(SAVED):
        held.pop().continue_()
    settled(page)
    page.unroute(SAVED)
    assert key.input_value() == "of_what"
    asked = len(dashboard.answers)
    with page.expect_response(SAVED):
        key.press("Enter")
    settled(page)
    posts = [answer for answer in dashboard.answers[asked:] if "POST" in answer]
    assert len(posts) == 1, posts
    page.reload()
    assert key.input_value() == "of_what"
    assert not line(page, "Worth").get_by_label("Fractions stand behind a comma").is_checked()


def test_enter_in_the_number_of_the_header_row_takes_that_number(dashboard: Dashboard) -> None:
    page = upload(dashboard, PEOPLE)
    page.locator(".file-panel > summary").click()
    header = page.locator("#file-header")
    header.fill("3")
    with page.expect_response(re.compile("/file$")):
        header.press("Enter")
    settled(page)
    assert header.input_value() == "3"
    assert line(page, "bob@example.com").count() == 0
    assert line(page, "ann@example.com").is_visible()
