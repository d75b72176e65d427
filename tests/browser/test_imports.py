"""The list of imports, and the page of one: watched, cancelled, and what became of its rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.support.dashboard import Dashboard
from tests.support.patience import wait_until

MAP = {
    "email": "Mail",
    "unsubscribed": {"column": "Gone", "true_when": ["yes"]},
    "properties": {"age": {"column": "Age", "type": "number"}},
}
PEOPLE = (
    "Mail,Age,Gone\nann@example.com,40,\nbob@example.com,old,\nnobody,,\ncy@gmial.com,,yes\n"
    "ann@example.com,41,\n"
)


def upload(dashboard: Dashboard, data: str, name: str = "people.csv", **fields: Any) -> str:
    """Upload a file and return the import's id."""
    form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
    with dashboard.api as api:
        answer = api.post("/contacts/imports", files={"file": (name, data.encode())}, data=form)
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        return id_


def finish(dashboard: Dashboard, id_: str) -> None:
    """Wait until an import has ended."""
    with dashboard.api as api:
        path = f"/contacts/imports/{id_}"
        wait_until(lambda: api.get(path).json()["status"] in ("completed", "failed"))


def many(rows: int) -> str:
    return "email\n" + "".join(f"person{n}@example.com\n" for n in range(rows))


def test_an_import_and_what_became_of_its_rows(dashboard: Dashboard) -> None:
    page = dashboard.open("/imports")
    page.get_by_role("heading", name="No imports yet").wait_for()
    dashboard.check_accessibility()
    id_ = upload(dashboard, PEOPLE, column_map=MAP, note="The fair")
    finish(dashboard, id_)
    dashboard.open("/imports?status=completed")
    dashboard.check_accessibility()
    page.get_by_role("link", name="people.csv").click()
    picture = "Created 2, updated 1, skipped 0, failed 2"
    assert page.get_by_role("img", name=picture).is_visible()
    dashboard.check_accessibility()
    dashboard.find("link", "Not a number 1").click()
    failures = page.get_by_role("region", name="Failed rows", exact=True)
    failures.get_by_text("nobody", exact=True).wait_for(state="detached")
    assert failures.get_by_text('"old" in column "Age" is not a number').is_visible()
    with page.expect_download() as download:
        dashboard.find("link", "2 created rows").click()
    assert download.value.suggested_filename == "people-created.csv"
    assert "ann@example.com,40,,2" in download.value.path().read_text("utf-8")
    dashboard.find("link", "Edit note").click()
    dashboard.check_accessibility()
    dashboard.find("textbox", "Note").fill("x" * 501)
    dashboard.find("button", "Save").click()
    page.get_by_text("This can have 500 characters at most.").wait_for()
    dashboard.find("textbox", "Note").fill("<i>The</i> fair in May")
    dashboard.find("button", "Save").click()
    dashboard.notice("Note saved")
    assert page.get_by_text("<i>The</i> fair in May").is_visible()


def test_a_running_import_is_watched_to_its_end(dashboard: Dashboard) -> None:
    id_ = upload(dashboard, many(120_000))
    page = dashboard.open(f"/imports/{id_}")
    total = page.locator(".live-total strong")
    page.evaluate("window.stays = true")
    page.get_by_text("Completed", exact=True).wait_for()
    assert total.inner_text() == "120,000"
    dashboard.notice("The import is complete")
    assert page.evaluate("window.stays")
    assert page.get_by_role("link", name="120,000 created rows").is_visible()
    assert not page.get_by_role("link", name="Cancel import").is_visible()


def test_an_import_is_cancelled_and_taken_up_again(dashboard: Dashboard) -> None:
    page = dashboard.page
    id_ = upload(dashboard, many(500_000))
    dashboard.open(f"/imports/{id_}")
    # At once: an import that has come to its end cannot be cancelled any more.
    dashboard.find("link", "Cancel import").click()
    dashboard.find("button", "Cancel import").click()
    page.get_by_text("Cancelled", exact=True).wait_for()
    assert page.get_by_text("What had been imported by then was kept.").is_visible()
    dashboard.check_accessibility()
    dashboard.find("button", "Try again").click()
    page.get_by_text("Completed", exact=True).wait_for()
    page.get_by_text(re.compile("500,000 created rows")).wait_for()
    dashboard.open(f"/imports/{id_}/cancel")
    dashboard.check_accessibility()


def test_a_dry_run_shows_its_changes(dashboard: Dashboard) -> None:
    id_ = upload(dashboard, PEOPLE, column_map=MAP, dry_run="true")
    finish(dashboard, id_)
    page = dashboard.open(f"/imports/{id_}")
    change = page.get_by_role("listitem").filter(has_text="ann@example.com")
    assert re.search(r"New\s+Row 2\b.*\bage\s+41", change.inner_text(), re.DOTALL)
    dashboard.check_accessibility()


def test_what_has_ended_badly_says_why_and_others_see_nothing(
    open_dashboard: Callable[[], Dashboard],
) -> None:
    one, other = open_dashboard(), open_dashboard()
    id_ = upload(one, PEOPLE, column_map=MAP)
    finish(one, id_)
    for below in ("", "/failures", "/note", "/cancel", "/events", "/created.csv"):
        answer = other.page.request.get(f"{other.team.url}/dashboard/imports/{id_}{below}")
        assert answer.status == 404, below


def test_where_in_the_file_rows_failed(dashboard: Dashboard) -> None:
    good = [f"person{n}@example.com" for n in range(399)]
    id_ = upload(dashboard, "\n".join(["email", "none", *good, "nobody", "nothing", *good[:398]]))
    finish(dashboard, id_)
    page = dashboard.open(f"/imports/{id_}")
    where = "Between row 2 and row 411, most densely in rows 402 to 411."
    assert page.get_by_role("img", name=where).is_visible()
    assert page.get_by_text(where).is_visible()
    dashboard.check_accessibility()
