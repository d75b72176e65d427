"""Five products' exports are imported by clicking "Next" only; nothing is changed by hand."""

from __future__ import annotations

import re

import pytest

from tests.browser.exports import EXPORTS, Export
from tests.support.dashboard import Dashboard
from tests.support.patience import wait_until


@pytest.mark.parametrize("export", [pytest.param(each, id=each.name) for each in EXPORTS])
def test_an_export_is_imported_by_clicking_next(dashboard: Dashboard, export: Export) -> None:
    page = dashboard.open("/imports/new")
    page.locator("input[type=file]").set_input_files(
        {"name": export.filename, "mimeType": "text/csv", "buffer": export.data}
    )
    page.wait_for_url(re.compile("/drafts/.*/columns"))
    dashboard.find("button", "Next").click()
    page.wait_for_url(re.compile("/options"))
    dashboard.find("button", "Next").click()
    page.wait_for_url(re.compile("/check"))
    page.get_by_text("Checked: this is what would become of 3 rows.").wait_for()
    dashboard.find("button", "Import").click()
    page.wait_for_url(re.compile("/imports/[0-9a-f-]{36}"))
    import_id = page.url.rpartition("/")[2]
    with dashboard.api as api:
        wait_until(
            lambda: api.get(f"/contacts/imports/{import_id}").json()["status"] == "completed"
        )
        shown = api.get(f"/contacts/imports/{import_id}").json()
        assert shown["counts"]["created"] == export.created
        assert shown["counts"]["failed"] == 0
        column_map = shown["column_map"]
        assert {field: column_map[field] for field in export.fields} == export.fields
        contact = api.get(f"/contacts/{export.contact['email']}").json()
    assert {name: contact[name] for name in export.contact} == export.contact
