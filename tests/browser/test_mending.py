"""Failed rows are mended: by a rule, by values, in the grid, and imported again."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

from tests.support.dashboard import Dashboard
from tests.support.patience import wait_until

COLUMN_MAP = {
    "email": "E-Mail",
    "first_name": "Name",
    "properties": {
        "price": {"column": "Price", "type": "number"},
        "vip": {"column": "VIP", "type": "boolean"},
    },
}
DATA = (
    "Name,E-Mail,Price,VIP,Note\n"
    'Ann,ann@b.co,"12,50",yes,first\n'
    'Bob,bob@b.co,"1,25",no,\n'
    "Cy,cy@b.co,1,gold\n"
    "Dee,dee@b.co,2,gold,\n"
    "Eve,eve at b.co,3,no,\n"
    "Flo,,4,yes,no address\n"
    "Gil,gil@b.co,5,yes,was fine\n"
    "Hal,nobody,6,yes,stays\n"
)


def imported(dashboard: Dashboard, data: str = DATA, column_map: Any = None) -> str:
    """Import a file and return the import's id."""
    form = {"column_map": json.dumps(column_map or COLUMN_MAP)}
    with dashboard.api as api:
        answer = api.post(
            "/contacts/imports", files={"file": ("people.csv", data.encode())}, data=form
        )
        id_: str = answer.json()["id"]
        wait_until(lambda: api.get(f"/contacts/imports/{id_}").json()["status"] == "completed")
    return id_


def active(page: Page) -> str:
    """Return the text of the cell that has the focus."""
    return str(page.evaluate("document.activeElement.querySelector('.grid-text')?.textContent"))


def open_grid(dashboard: Dashboard, id_: str, query: str = "") -> Page:
    page = dashboard.open(f"/imports/{id_}/mend/rows{query}")
    page.get_by_role("grid").wait_for()
    return page


def mend_by_rule_and_by_value(dashboard: Dashboard) -> None:
    """Apply a rule, take it back and apply it once more; then say what a word means."""
    page = dashboard.page
    comma = "Read commas in Price as decimal signs"
    dashboard.find("button", f"Apply: {comma}").click()
    dashboard.find("button", f"Take back: {comma}").click()
    dashboard.notice("Taken back")
    dashboard.find("button", f"Apply: {comma}").click()
    dashboard.find("link", "Review the values of VIP").click()
    page.get_by_label("What becomes of gold").select_option("Means yes")
    dashboard.check_accessibility()
    dashboard.find("button", "Apply choices").click()
    dashboard.notice("1 value is replaced in all its rows")


def mend_in_grid(dashboard: Dashboard) -> None:
    """Type into cells, in the grid and in the form of a row."""
    page = dashboard.page
    dashboard.find("link", "Edit rows in a grid").click()
    page.get_by_role("grid").wait_for()
    dashboard.check_accessibility()
    page.get_by_role("gridcell", name="eve at b.co").dblclick()
    page.get_by_role("textbox", name="E-Mail").fill("eve@b")
    page.get_by_text("there is no dot behind the @").wait_for()
    page.get_by_role("textbox", name="E-Mail").fill("eve@b.co")
    page.keyboard.press("Enter")
    page.get_by_text("Row 6 is mended").wait_for()
    # What was typed outlives the page.
    page.reload()
    page.get_by_role("link", name="Edit row 7").click()
    page.get_by_role("textbox", name="E-Mail").fill("flo@b.co")
    dashboard.find("button", "Save").click()
    page.get_by_text("Row 7").wait_for(state="hidden")


def import_again(dashboard: Dashboard, id_: str) -> str:
    """Click twice, and return the id of the one import."""
    page = dashboard.page
    dashboard.find("link", "Done").click()
    dashboard.find("link", "Import 6 mended rows").click()
    page.get_by_text("1 row still fails").wait_for()
    dashboard.check_accessibility()
    page.get_by_role("button", name="Import 6 mended rows").dblclick()
    page.wait_for_url(lambda url: url.rpartition("/")[0].endswith("/imports") and id_ not in url)
    dashboard.notice("The mended rows are being imported")
    return page.url.rpartition("/")[2]


def test_a_failing_file_is_mended_and_imported_again(dashboard: Dashboard) -> None:
    id_ = imported(dashboard)
    page = dashboard.open(f"/imports/{id_}/mend")
    page.get_by_role("heading", name="Price is not a number").wait_for()
    dashboard.check_accessibility()
    mend_by_rule_and_by_value(dashboard)
    mend_in_grid(dashboard)
    into = import_again(dashboard, id_)
    with dashboard.api as api:
        wait_until(lambda: api.get(f"/contacts/imports/{into}").json()["status"] == "completed")
        counts = api.get(f"/contacts/imports/{into}").json()["counts"]
        assert (counts["total"], counts["created"]) == (6, 6)
        assert len(api.get("/contacts/imports").json()["data"]) == 2
        assert api.get("/contacts/ann@b.co").json()["properties"]["price"]["value"] == 12.5
        assert api.get("/contacts/dee@b.co").json()["properties"]["vip"]["value"] is True
    # The rows that went are no longer offered.
    dashboard.open(f"/imports/{id_}/mend")
    page.get_by_role("heading", name="E-Mail is not an e-mail address").wait_for()
    page.get_by_text("6 rows went into another import").wait_for()
    open_grid(dashboard, id_)
    assert page.get_by_role("row").count() == 2


def test_the_grid_by_keyboard_alone(dashboard: Dashboard) -> None:
    id_ = imported(dashboard)
    page = open_grid(dashboard, id_)
    page.get_by_role("gridcell", name="ann@b.co").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert active(page) == "12,50"
    # Typing begins anew, Escape gives up, Enter goes down.
    page.keyboard.type("7")
    page.keyboard.press("Escape")
    assert active(page) == "12,50"
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    page.get_by_text("Row 2 is mended").wait_for()
    assert active(page) == "1,25"
    page.keyboard.press("Control+z")
    page.get_by_text("Taken back").wait_for()
    page.get_by_role("gridcell", name="12,50").wait_for()
    # Cells of a spreadsheet, from the active one on.
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", '1.25\\tyes\\n"7"\\ttrue\\n8\\tfalse\\n');
            const how = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    page.get_by_text("Saved", exact=True).wait_for()
    assert page.locator("tr.mended").count() == 3
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    page.get_by_role("gridcell", name="1.25").wait_for(state="hidden")
    page.keyboard.press("Control+z")
    page.get_by_role("gridcell", name="1.25").wait_for()


def test_find_and_replace_counts_first_and_is_taken_back(dashboard: Dashboard) -> None:
    id_ = imported(dashboard)
    page = open_grid(dashboard, id_)
    dashboard.find("link", "Find and replace").click()
    page.get_by_label("Column").select_option("VIP")
    page.get_by_label("Find", exact=True).fill("gold")
    page.get_by_label("Replace with").fill("yes")
    dashboard.find("button", "Count").click()
    page.get_by_text("2 cells would change.").wait_for()
    page.get_by_text("2 rows would be mended by that.").wait_for()
    dashboard.check_accessibility()
    dashboard.find("button", "Replace in 2 cells").click()
    dashboard.notice("Replaced")
    assert page.get_by_role("row").count() == 6
    page.get_by_role("button", name="Take back: “gold” replaced by “yes” in VIP").click()
    dashboard.notice("Taken back")
    assert page.get_by_role("row").count() == 8
