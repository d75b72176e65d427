"""The wizard: what is changed by hand, what stops the way, and that nothing is lost meanwhile."""

from __future__ import annotations

import re
from typing import Any

import httpx
from playwright.sync_api import Locator, Page

from tests.browser.exports import table
from tests.support.dashboard import Dashboard
from tests.support.patience import wait_until
from tests.support.resources import create_contact, create_property, create_segment
from tests.support.workbooks import pack, parts, relations, sheet

PEOPLE = table(
    [
        ["Customers, November"],
        ["Mail", "Work mail", "Given", "Joined", "Worth", "Newsletter", "Password", "Firm"],
        [
            "ann@example.com",
            "ann@work.example",
            "Ann",
            "2024-05-06",
            "1.200,50",
            "yes",
            "x1",
            "Ada",
        ],
        ["bob@example.com", "bob@work.example", "Bob", "2024-05-07", "13,00", "no", "x2", ""],
        ["not an address", "cat@work.example", "Cat", "2024-05-08", "7,10", "yes", "x3", "Fox"],
    ],
    delimiter=";",
)

SAVED = re.compile(r"/columns/\d+$")


def upload(dashboard: Dashboard, data: bytes, name: str = "people.csv") -> Page:
    """Upload a file, and see its columns."""
    page = dashboard.open("/imports/new")
    choose(page, data, name)
    page.wait_for_url(re.compile("/columns$"))
    return page


def choose(page: Page, data: bytes, name: str = "people.csv") -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def line(page: Page, name: str) -> Locator:
    """Return the line of a column."""
    return page.locator("[data-column]").filter(
        has=page.locator(".column-name").get_by_text(name, exact=True)
    )


def become(page: Page, name: str, value: str) -> None:
    """Choose what a column becomes, and wait until the page has it from the server."""
    with page.expect_response(SAVED):
        select = line(page, name).locator("select[name=to]")
        select.focus()
        select.select_option(value)
    settled(page)


def settled(page: Page) -> None:
    """Wait until all that was changed is kept and shown."""
    page.locator("#columns:not([aria-busy])").wait_for()


def next_step(dashboard: Dashboard, step: str) -> None:
    dashboard.find("button", "Next").click()
    dashboard.page.wait_for_url(re.compile(f"/{step}$"))


def test_columns_are_rejected_replaced_and_mended(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_property(api, "firm")
    page = upload(dashboard, PEOPLE)
    dashboard.check_accessibility()
    # A column of names for the address stops the way with a sentence, and no other choice is lost.
    page.get_by_role("button", name="Do not import (Joined)").click()
    settled(page)
    become(page, "Given", "email")
    page.get_by_text("Only 0 of 3 cells that were looked at are e-mail addresses").wait_for()
    dashboard.find("button", "Next").click()
    page.get_by_text("Mend what is marked below first.").wait_for()
    dashboard.check_accessibility()
    become(page, "Work mail", "email")
    page.get_by_text("2 columns cannot be the same.").first.wait_for()
    with page.expect_response(SAVED):
        page.get_by_role("button", name="Undo (Given)").click()
    settled(page)
    assert line(page, "Given").locator("select[name=to]").input_value() == "first_name"
    assert page.get_by_text("cannot be the same").count() == 0
    assert line(page, "Joined").get_by_text("You have left this out").is_visible()
    name_a_property(page)
    next_step(dashboard, "options")
    next_step(dashboard, "check")
    page.get_by_text("Checked: this is what would become of 3 rows.").wait_for()
    dashboard.check_accessibility()
    with dashboard.api as api:
        (found,) = api.get("/contacts/imports").json()["data"]
        shown = api.get(f"/contacts/imports/{found['id']}").json()
    assert shown["dry_run"]
    assert shown["column_map"]["email"] == "Work mail"
    worth = {"column": "Worth", "type": "number", "decimal": ","}
    assert shown["column_map"]["properties"]["worth"] == worth
    assert "Joined" not in str(shown["column_map"])


def name_a_property(page: Page) -> None:
    """Give a new property a key, which is refused at first; a reload loses nothing."""
    worth = line(page, "Worth")
    assert worth.get_by_label("Fractions stand behind a comma").is_checked()
    worth.get_by_label("Key").fill("a worth")
    with page.expect_response(SAVED):
        worth.get_by_label("Key").press("Enter")
    worth.get_by_text("cannot be a key").wait_for()
    worth.get_by_label("Key").fill("worth")
    with page.expect_response(SAVED):
        worth.get_by_label("Key").blur()
    settled(page)
    page.reload()
    assert worth.get_by_label("Key").input_value() == "worth"
    assert line(page, "Firm").locator("select[name=to]").input_value() == "property:firm"
    assert line(page, "Password").get_by_text("No content to show").is_visible()


def test_the_file_is_read_otherwise_and_every_choice_stays(dashboard: Dashboard) -> None:
    page = upload(dashboard, PEOPLE)
    become(page, "Firm", "skip")
    page.locator(".file-panel > summary").click()
    dashboard.check_accessibility()
    with page.expect_response(re.compile("/file$")):
        page.get_by_label("Between cells").select_option(",")
    page.get_by_text("No column has the e-mail addresses yet").or_(
        page.get_by_text("No row is known to be the header")
    ).first.wait_for()
    with page.expect_response(re.compile("/file$")):
        page.get_by_label("Between cells").select_option("")
    line(page, "Firm").get_by_text("You have left this out").wait_for()
    with page.expect_response(re.compile("/file$")):
        page.get_by_role("button", name="This is the header Row 1").click()
    page.locator(".column-name").get_by_text("Customers, November", exact=True).wait_for()
    with page.expect_response(re.compile("/file$")):
        page.get_by_label("Row of the header").fill("")
        page.get_by_label("Row of the header").blur()
    line(page, "Firm").get_by_text("You have left this out").wait_for()


def test_another_sheet_is_chosen_without_another_upload(dashboard: Dashboard) -> None:
    def row(*cells: str) -> str:
        texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
        return f"<row>{texts}</row>"

    tabs = '<sheet name="One" sheetId="1" r:id="rId1"/><sheet name="Two" sheetId="2" r:id="rId4"/>'
    book = parts(row("Email", "Name") + row("ann@example.com", "Ann"), tabs=tabs)
    book["xl/worksheets/sheet2.xml"] = sheet(row("E-Mail", "City") + row("b@example.com", "Bonn"))
    book["xl/_rels/workbook.xml.rels"] = relations(
        [
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId4", "worksheet", "worksheets/sheet2.xml"),
            ("rId2", "sharedStrings", "/xl/sharedStrings.xml"),
            ("rId3", "styles", "styles.xml"),
        ]
    )
    page = upload(dashboard, pack(book), "people.xlsx")
    page.locator(".file-panel > summary").click()
    with page.expect_response(re.compile("/file$")):
        page.get_by_label("Sheet", exact=True).select_option("Two")
    page.locator(".column-name").get_by_text("City", exact=True).wait_for()


def test_options_check_and_one_import(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_contact(api, "ann@example.com", first_name="Anna", unsubscribed=True)
        create_segment(api, "Friends")
    page = upload(dashboard, PEOPLE)
    next_step(dashboard, "options")
    say_options(dashboard)
    page.reload()
    assert page.get_by_label("Friends", exact=True).is_checked()
    next_step(dashboard, "check")
    look_at_report(dashboard)
    # Back works, and what was said is there still.
    page.go_back()
    assert page.get_by_label("Note", exact=True).input_value() == "People of the fair"
    page.get_by_label("Leave it as it is").check()
    next_step(dashboard, "check")
    page.get_by_text("Checked: this is what would become of 3 rows.").wait_for()
    dashboard.find("button", "Import").dblclick()
    page.wait_for_url(re.compile("/imports/[0-9a-f-]{36}"))
    with dashboard.api as api:
        wait_until(lambda: all(each["completed_at"] for each in imports_of(api)))
        (done,) = (each for each in imports_of(api) if not each["dry_run"])
        assert done["note"] == "People of the fair"
        counts = done["counts"]
        assert (counts["created"], counts["skipped"], counts["failed"]) == (1, 1, 1)
        assert api.get("/contacts/ann@example.com").json()["unsubscribed"] is True


def imports_of(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/contacts/imports").json()["data"]
    return found


def say_options(dashboard: Dashboard) -> None:
    """Choose a segment, make another and a topic, and write a note."""
    page = dashboard.page
    assert page.get_by_label("It stays unsubscribed").is_checked()
    page.get_by_label("Friends", exact=True).check()
    page.get_by_label("Name of a new segment").fill("Fair in May")
    page.keyboard.press("Enter")
    page.get_by_label("Fair in May", exact=True).wait_for()
    assert page.get_by_label("Fair in May", exact=True).is_checked()
    dashboard.find("button", "Add topic").click()
    page.get_by_text("This cannot be empty.").wait_for()
    page.get_by_label("Name of a new topic").fill("News")
    dashboard.find("button", "Add topic").click()
    page.get_by_label("News", exact=True).wait_for()
    with page.expect_response(re.compile("/options$")):
        page.get_by_label("Note", exact=True).fill("People of the fair")
        page.get_by_label("Note", exact=True).blur()
    dashboard.check_accessibility()


def look_at_report(dashboard: Dashboard) -> None:
    """See what would fail, and what would change."""
    page = dashboard.page
    page.get_by_text("Checked: this is what would become of 3 rows.").wait_for()
    dashboard.check_accessibility()
    page.get_by_text("1 row would fail").wait_for()
    page.locator("summary", has_text="Not a complete e-mail address").click()
    page.get_by_text('"not an address" in column "Mail"').wait_for()
    changed = page.locator(".change", has_text="ann@example.com")
    assert "Anna" in changed.inner_text()


def test_leaving_asks_and_open_uploads_are_offered_again(dashboard: Dashboard) -> None:
    page = upload(dashboard, PEOPLE)
    dashboard.find("link", "Segments").click()
    page.get_by_role("heading", name="Leave this import?").wait_for()
    dashboard.check_accessibility()
    dashboard.find("button", "Stay").click()
    assert page.url.endswith("/columns")
    dashboard.find("link", "Segments").click()
    dashboard.find("button", "Leave").click()
    page.wait_for_url(re.compile("/segments$"))
    dashboard.open("/imports/new")
    dashboard.check_accessibility()
    dashboard.find("link", "Go on with people.csv").click()
    page.wait_for_url(re.compile("/columns$"))
    dashboard.find("link", "Segments").click()
    dashboard.find("button", "Discard").click()
    page.get_by_text("Discard “people.csv” and all that was said of it?").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    dashboard.notice("The upload is discarded")
    assert page.get_by_text("people.csv").count() == 0


def test_what_is_no_table_is_told_in_words(dashboard: Dashboard) -> None:
    page = dashboard.open("/imports/new")
    choose(page, b"%PDF-1.7", "list.pdf")
    page.get_by_text("is a PDF document, not a CSV file").wait_for()
    dashboard.check_accessibility()
    choose(page, b"", "empty.csv")
    page.get_by_text("This file is empty.").wait_for()
