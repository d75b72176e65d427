"""An event as it goes over the wire."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from rollcall.imports.file_dialect import FileDialect
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.live.events import _render
from rollcall.imports.live.watcher import ImportState
from rollcall.imports.schemas import ContactChange, FieldChange, ImportCounts, ImportShown

HOSTILE = "Ann\r\n\r\nevent: completed\ndata: {}\u2028"
CHANGE = ContactChange(
    row=2,
    email="a@b.co",
    action="created",
    fields={"first_name": FieldChange(before=None, after=HOSTILE)},
)


def state(status: ImportStatus, **fields: Any) -> ImportState:
    shown = {
        "id": uuid.uuid4(),
        "status": status,
        "created_at": datetime.now(UTC),
        "completed_at": None,
        "counts": ImportCounts(total=2, created=1, updated=0, skipped=0, failed=1),
        "failures": {"invalid_email": 1},
        "warnings": {},
        "progress": 0.5,
        "rows_per_second": None,
        "dry_run": False,
        "note": None,
        "waiting_since": None,
        "retry_at": None,
        "attempts": None,
        "last_error": None,
        "column_map": {"email": "email"},
        "dialect": FileDialect(
            format="csv", encoding="UTF-8", delimiter=",", header_row=1, sheet=None
        ),
        "changes": [],
        **fields,
    }
    return ImportState(revision=17, shown=ImportShown(**shown))


def read(event: bytes) -> dict[str, str]:
    """Read one event by the rules of the HTML living standard, section 9.2.6."""
    text = event.decode()
    assert text.endswith("\n\n")
    assert "\r" not in text
    lines = [line.partition(": ") for line in text[:-2].split("\n")]
    assert len({name for name, _, _ in lines}) == len(lines)
    return {name: value for name, _, value in lines}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (ImportStatus.QUEUED, "progress"),
        (ImportStatus.IN_PROGRESS, "progress"),
        (ImportStatus.COMPLETED, "completed"),
        (ImportStatus.FAILED, "failed"),
    ],
)
def test_an_event_is_named_for_how_the_import_ended_or_is_progress(
    status: ImportStatus, name: str
) -> None:
    event = read(_render(state(status)))
    assert event["event"] == name


def test_its_id_is_the_revision_and_its_data_what_get_shows() -> None:
    shown = state(ImportStatus.COMPLETED, dry_run=True, changes=[CHANGE])
    event = read(_render(shown))
    assert event["id"] == "17"
    # FastAPI answers with the names that fields have on the wire.
    assert json.loads(event["data"]) == shown.shown.model_dump(mode="json", by_alias=True)
    (change,) = json.loads(event["data"])["changes"]
    assert change["fields"] == {"first_name": {"from": None, "to": HOSTILE}}


def test_what_stands_in_a_file_cannot_end_an_event() -> None:
    event = read(_render(state(ImportStatus.COMPLETED, dry_run=True, changes=[CHANGE])))
    assert event.keys() == {"event", "id", "data"}
    assert event["event"] == "completed"
