"""A file that is dropped; an upload that is watched, cancelled, or broken off by the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.browser.test_wizard import choose
from tests.support.dashboard import Dashboard, sign_in_again

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

SMALL = "Email,City\nann@example.com,Bonn\n"
# Long enough on its way to be seen, at so many bytes per second.
LARGE = b"email\n" + b"".join(b"person%d@example.com\n" % n for n in range(120_000))
SLOW = 400_000
DRAG = """([event, files, isText]) => {
  const dropped = new DataTransfer();
  for (const [name, text] of files) dropped.items.add(new File([text], name, { type: "text/csv" }));
  if (isText) dropped.setData("text/plain", "ann@example.com");
  const init = { bubbles: true, cancelable: true, dataTransfer: dropped };
  return !document.querySelector("main").dispatchEvent(new DragEvent(event, init));
}"""


def drag(page: Page, event: str, *names: str, is_text: bool = False) -> bool:
    """Drag files over the page, or drop them; returns whether the page takes that on itself."""
    files = [[name, SMALL] for name in names]
    is_taken: bool = page.evaluate(DRAG, [event, files, is_text])
    return is_taken


def open_page(dashboard: Dashboard) -> Page:
    page = dashboard.open("/imports/new")
    page.wait_for_load_state()
    return page


def slow_down(page: Page, bytes_per_second: int) -> Any:
    """Have the network send so much; -1 is without a limit."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    conditions = {
        "offline": False,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": bytes_per_second,
    }
    network.send("Network.emulateNetworkConditions", conditions)
    return network


def test_a_file_is_dropped_anywhere_on_the_page(dashboard: Dashboard) -> None:
    page = open_page(dashboard)
    cover = page.get_by_text("Drop the file to upload it")
    assert drag(page, "dragenter", "people.csv")
    cover.wait_for()
    dashboard.check_accessibility()
    assert drag(page, "dragover", "people.csv"), "or the browser would show the file itself"
    drag(page, "dragleave", "people.csv")
    cover.wait_for(state="hidden")
    drag(page, "dragenter", "people.csv")
    assert drag(page, "drop", "people.csv")
    page.wait_for_url(re.compile("/columns$"))
    page.locator(".column-name").get_by_text("City", exact=True).wait_for()


def test_what_is_no_file_and_several_files_are_not_taken(dashboard: Dashboard) -> None:
    page = open_page(dashboard)
    assert not drag(page, "dragenter", is_text=True)
    assert not drag(page, "drop", is_text=True), "a text is dropped where the browser wants it"
    assert page.locator("[data-cover]").is_hidden()
    assert page.locator("[data-wrong]").is_hidden()
    drag(page, "dragenter", "one.csv", "two.csv")
    drag(page, "drop", "one.csv", "two.csv")
    page.get_by_text("One file at a time").wait_for()
    assert page.locator("[data-cover]").is_hidden()
    dashboard.check_accessibility()
    # One of them alone is taken then.
    drag(page, "drop", "two.csv")
    page.wait_for_url(re.compile("/columns$"))


def test_an_upload_tells_its_speed_and_is_cancelled_without_a_trace(dashboard: Dashboard) -> None:
    page = open_page(dashboard)
    network = slow_down(page, SLOW)
    choose(page, LARGE, "large.csv")
    said = page.get_by_role("status").filter(has_text=re.compile(r"%.*per second.*left"))
    said.wait_for()
    assert page.get_by_text("large.csv").is_visible()
    assert 0 < float(page.locator("progress").get_attribute("value") or 0) < 100
    dashboard.check_accessibility()
    dashboard.find("button", "Cancel").click()
    page.get_by_text("Choose a file").wait_for()
    assert page.evaluate("document.activeElement.type") == "file", "the focus is not lost"
    network.detach()
    dashboard.open("/imports/new")
    assert page.get_by_text("large.csv").count() == 0
    # And the same file goes another time.
    choose(page, LARGE, "large.csv")
    page.wait_for_url(re.compile("/columns$"))


def test_an_upload_that_the_network_breaks_off_is_sent_again(dashboard: Dashboard) -> None:
    page = open_page(dashboard)
    tried: list[str] = []

    def break_off(route: Route) -> None:
        if route.request.method == "POST" and not tried:
            tried.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.fallback()

    page.route("**/imports/new", break_off)
    choose(page, SMALL.encode())
    page.get_by_text("The server cannot be reached.").wait_for()
    dashboard.check_accessibility()
    assert len(tried) == 1
    dashboard.complaints.clear()
    choose(page, SMALL.encode())
    page.wait_for_url(re.compile("/columns$"))


def test_an_upload_waits_for_another_sign_in(dashboard: Dashboard) -> None:
    page = open_page(dashboard)
    page.context.clear_cookies()
    choose(page, SMALL.encode())
    page.get_by_role("heading", name="You are signed out").wait_for()
    sign_in_again(dashboard)
    dashboard.find("button", "Go on").click()
    page.wait_for_url(re.compile("/columns$"))
