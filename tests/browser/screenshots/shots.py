"""Every page of the dashboard that is photographed: where it is, and what is done on it first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.screenshots import people
from tests.support.patience import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

Deed = Callable[["Page"], object]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture of a page.

    Attributes:
        address: below the dashboard; a word in braces is an id that the studio knows.
        team: whose page it is; None is somebody who is not signed in.
        over: the page that a dialog is opened on, if it is not to be a page of its own.
        then: what is done on the page before it is photographed.
        is_held: it is one that only shows something while a worker is at work.
    """

    name: str
    address: str
    team: str | None = "full"
    over: str = ""
    then: Deed | None = None
    is_held: bool = False


def click(role: str, name: str) -> Deed:
    """Return the deed of clicking on the first that a screen reader would call so."""
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def fill(label: str, text: str) -> Deed:
    return lambda page: page.get_by_label(label, exact=True).first.fill(text)


def wait(text: str) -> Deed:
    return lambda page: page.get_by_text(text).locator("visible=true").first.wait_for()


def in_turn(*deeds: Deed) -> Deed:
    def do(page: Page) -> None:
        for deed in deeds:
            deed(page)

    return do


def choose_file(name: str, data: bytes) -> Deed:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    return lambda page: page.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]


def send_slowly(page: Page) -> None:
    """Send a file over a line so slow that the upload is still there to be seen."""
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", line)
    choose_file("customers all.csv", people.customers(0, 30_000))(page)
    sent = "document.querySelector('[data-progress]').value"
    wait_until(lambda: bool(page.evaluate(sent) > 20))


def sign_out_elsewhere(page: Page) -> None:
    """Go on in a session that has ended meanwhile."""
    page.context.clear_cookies()
    fill("Name", "Friends")(page)
    click("button", "Create segment")(page)
    wait("You are signed out")(page)


def edit_a_cell(page: Page) -> None:
    page.locator(".grid-cell").first.dblclick()
    page.locator(".grid-field").fill("nobody@example")
    wait("there is no dot behind the @")(page)


DOOR = (
    Shot(name="sign-in", address="/sign-in", team=None),
    Shot(
        name="sign-in-refused",
        address="/sign-in",
        team=None,
        then=in_turn(fill("API key", "re_nothing"), click("button", "Sign in"), wait("no such")),
    ),
    Shot(name="link-used-up", address="/enter/used", team=None),
    Shot(name="page-not-found", address="/nothing"),
    Shot(name="page-not-found-outside", address="/nothing", team=None),
    Shot(name="import-not-found", address="/imports/00000000-0000-0000-0000-000000000000"),
    Shot(
        name="signed-out-meanwhile",
        address="/segments/new",
        over="/segments",
        then=sign_out_elsewhere,
    ),
)
LISTS = tuple(
    Shot(name=f"{area}-{kind}", address=f"/{area}", team=team)
    for area in ("imports", "contacts", "segments", "topics", "properties", "api-keys")
    for kind, team in (("list", "full"), ("empty", "empty"), ("long", "long"))
)
FORMS = (
    Shot(name="segment-new", address="/segments/new"),
    Shot(name="segment-new-dialog", address="/segments/new", over="/segments"),
    Shot(
        name="segment-new-refused",
        address="/segments/new",
        over="/segments",
        then=in_turn(click("button", "Create segment"), wait("This cannot be empty.")),
    ),
    Shot(name="segment-edit", address="/segments/{segment}/edit", over="/segments"),
    Shot(name="segment-delete", address="/segments/{segment}/delete", over="/segments"),
    Shot(
        name="segment-long-delete",
        address="/segments/{long_segment}/delete",
        over="/segments",
        team="long",
    ),
    Shot(name="topic-new", address="/topics/new", over="/topics"),
    Shot(name="topic-edit", address="/topics/{topic}/edit", over="/topics"),
    Shot(name="topic-delete", address="/topics/{topic}/delete", over="/topics"),
    Shot(name="property-new", address="/properties/new", over="/properties"),
    Shot(
        name="property-new-refused",
        address="/properties/new",
        then=in_turn(
            fill("Key", "no key"), click("button", "Create property"), wait("1 to 50 letters")
        ),
    ),
    Shot(name="property-edit", address="/properties/{property}/edit", over="/properties"),
    Shot(name="property-delete", address="/properties/{property}/delete", over="/properties"),
    Shot(name="api-key-new", address="/api-keys/new", over="/api-keys"),
    Shot(name="api-key-edit", address="/api-keys/{key}/edit", over="/api-keys"),
    Shot(name="api-key-revoke", address="/api-keys/{key}/revoke", over="/api-keys"),
)
CONTACTS = (
    Shot(name="contacts-search", address="/contacts?search=ma"),
    Shot(name="contacts-none-found", address="/contacts?search=nobody"),
    Shot(name="contact", address="/contacts/{contact}"),
    Shot(name="contact-long", address="/contacts/{long_contact}", team="long"),
    Shot(
        name="contact-refused",
        address="/contacts/{contact}",
        then=in_turn(fill("E-mail", "nobody"), click("button", "Save"), wait("Not saved")),
    ),
    Shot(name="contact-delete", address="/contacts/{contact}/delete", over="/contacts/{contact}"),
    Shot(name="contact-new", address="/contacts/new", over="/contacts"),
    Shot(
        name="segment-created",
        address="/segments/new",
        team="empty",
        then=in_turn(fill("Name", "Friends"), click("button", "Create segment"), wait("created")),
    ),
    Shot(
        name="api-key-created",
        address="/api-keys/new",
        team="empty",
        then=in_turn(fill("Name", "Website"), click("button", "Create API key"), wait("Done")),
    ),
)
IMPORTS = (
    Shot(name="imports-at-work", address="/imports", is_held=True),
    Shot(name="imports-filtered", address="/imports?status=failed"),
    Shot(name="imports-none-so", address="/imports?status=queued"),
    Shot(name="import-running", address="/imports/{running}", is_held=True),
    Shot(name="import-waiting", address="/imports/{waiting}", is_held=True),
    Shot(
        name="import-cancel",
        address="/imports/{running}/cancel",
        over="/imports/{running}",
        is_held=True,
    ),
    Shot(name="import-completed", address="/imports/{clean}"),
    Shot(name="import-with-failures", address="/imports/{failing}"),
    Shot(name="import-failed", address="/imports/{doomed}"),
    Shot(name="import-cancelled", address="/imports/{running}"),
    Shot(name="import-dry-run", address="/imports/{rehearsal}"),
    Shot(name="import-long", address="/imports/{long_import}", team="long"),
    Shot(name="import-failures", address="/imports/{failing}/failures?code=invalid_number"),
    Shot(name="import-warnings", address="/imports/{failing}/warnings"),
    Shot(name="import-note", address="/imports/{failing}/note", over="/imports/{failing}"),
)
WIZARD = (
    Shot(name="wizard-file", address="/imports/new"),
    Shot(name="wizard-file-first", address="/imports/new", team="empty"),
    Shot(
        name="wizard-file-refused",
        address="/imports/new",
        then=in_turn(choose_file("list.pdf", b"%PDF-1.7"), wait("is a PDF document")),
    ),
    Shot(name="wizard-file-sending", address="/imports/new", team="empty", then=send_slowly),
    Shot(name="wizard-columns", address="/drafts/{doubtful}/columns"),
    Shot(
        name="wizard-columns-file",
        address="/drafts/{doubtful}/columns",
        then=lambda page: page.locator(".file-panel > summary").click(),
    ),
    Shot(name="wizard-columns-certain", address="/drafts/{certain}/columns"),
    Shot(name="wizard-columns-stopped", address="/drafts/{stopped}/columns?tried=true"),
    Shot(name="wizard-columns-long", address="/drafts/{long_draft}/columns", team="long"),
    Shot(name="wizard-discard", address="/drafts/{certain}/discard"),
    Shot(
        name="wizard-leaving",
        address="/drafts/{doubtful}/columns",
        then=in_turn(
            lambda page: page.locator(".steps").wait_for(),
            lambda page: page.locator(".nav a").nth(2).dispatch_event("click"),
            wait("Leave this import?"),
        ),
    ),
    Shot(name="wizard-options", address="/drafts/{checked}/options"),
    Shot(name="wizard-options-long", address="/drafts/{long_draft}/options", team="long"),
    Shot(name="wizard-check", address="/drafts/{checked}/check"),
    Shot(
        name="wizard-check-open",
        address="/drafts/{checked}/check",
        then=lambda page: page.locator(".group > summary").first.click(),
    ),
    Shot(name="wizard-check-running", address="/drafts/{checking}/check", is_held=True),
)
MENDING = (
    Shot(name="mend", address="/imports/{failing}/mend", then=wait("What is wrong")),
    Shot(
        name="mend-rule-applied",
        address="/imports/{failing}/mend",
        then=in_turn(
            lambda page: page.get_by_role("button", name="Apply").first.click(),
            wait("Take back"),
        ),
    ),
    Shot(name="mend-values", address="/imports/{failing}/mend/values/5"),
    Shot(name="mend-grid", address="/imports/{failing}/mend/rows"),
    Shot(name="mend-grid-editing", address="/imports/{failing}/mend/rows", then=edit_a_cell),
    Shot(name="mend-row", address="/imports/{failing}/mend/rows/19"),
    Shot(
        name="mend-replace",
        address="/imports/{failing}/mend/replace",
        over="/imports/{failing}/mend/rows",
    ),
    Shot(
        name="mend-again",
        address="/imports/{failing}/mend/again",
        over="/imports/{failing}/mend",
    ),
    Shot(
        name="mend-long",
        address="/imports/{long_import}/mend",
        team="long",
        then=wait("What is wrong"),
    ),
    Shot(name="mend-long-grid", address="/imports/{long_import}/mend/rows", team="long"),
)
SHOTS: tuple[Shot, ...] = (*DOOR, *LISTS, *FORMS, *CONTACTS, *IMPORTS, *WIZARD, *MENDING)
# What is asked for by GET and is no page, with the reason.
NO_PAGES = {
    "/session": "JSON for a script",
    "/drafts/{draft_id}": "leads to one of its steps",
    "/drafts/{draft_id}/check/report": "a part of the check's page",
    "/imports/{import_id}/events": "a stream",
    "/imports/{import_id}/created.csv": "a download",
    "/imports/{import_id}/updated.csv": "a download",
    "/imports/{import_id}/failures.csv": "a download",
    "/imports/{import_id}/mend/failed.csv": "a download",
}
# The README's pictures, by the names of their files.
README = {
    "columns": "wizard-columns",
    "running": "import-running",
    "result": "import-with-failures",
}
