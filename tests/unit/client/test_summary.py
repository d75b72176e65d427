"""What is said in the end, where no terminal is."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from rollcall.client.answers import Failure, ImportState
from rollcall.client.summary import Failures, show_summary

ID = uuid.UUID("01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11")
COUNTS = {"total": 12345, "created": 12000, "updated": 300, "skipped": 40, "failed": 5}


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    """Show the summary of an import with these fields; return its lines that are not empty."""

    def say(failures: Failures | None = None, **fields: Any) -> list[str]:
        state = {"id": ID, "status": "completed", "counts": COUNTS, **fields}
        show_summary(ImportState.model_validate(state), failures or Failures())
        captured = capsys.readouterr()
        assert captured.err == ""
        return [line.strip() for line in captured.out.splitlines() if line.strip()]

    return say


def test_an_import_that_is_complete(say: Any) -> None:
    headline, names, numbers = say()
    assert headline == f"Import {ID} is complete."
    assert names.split() == ["total", "created", "updated", "skipped", "failed"]
    assert numbers.split() == ["12,345", "12,000", "300", "40", "5"]


@pytest.mark.parametrize(
    ("fields", "headline"),
    [
        ({"dry_run": True}, "Dry run {} is complete. Nothing was changed."),
        (
            {"status": "failed", "error": {"code": "file_damaged", "message": "It is damaged."}},
            "Import {} has failed. It is damaged. What was done before that stays done:",
        ),
        (
            {
                "status": "failed",
                "error": {"code": "cancelled", "message": "Cancelled."},
            },
            "Import {} was cancelled. What was done before that stays done:",
        ),
        (
            {"status": "failed", "dry_run": True},
            "Dry run {} has failed. Nothing was changed.",
        ),
    ],
)
def test_how_it_ended(say: Any, fields: dict[str, Any], headline: str) -> None:
    assert say(**fields)[0] == headline.format(ID)


def test_failed_rows_and_warnings_by_code_the_most_frequent_first(say: Any) -> None:
    lines = say(
        failures=None,
        warnings={"repeated_email": 3, "misspelled_domain": 1200},
    )
    at = lines.index("Warnings, by code:")
    assert [line.split() for line in lines[at + 1 :]] == [
        ["code", "rows"],
        ["misspelled_domain", "1,200"],
        ["repeated_email", "3"],
    ]
    assert "Failed rows, by code:" not in lines


def test_the_first_failed_rows_and_where_all_are(say: Any) -> None:
    failures = Failures(
        first=[
            Failure(row=3, column="E-Mail", code="invalid_email", message='"x\x1b" is no address.'),
            Failure(row=9, code="too_many_cells", message="[red]Too many[/] " + "cells " * 60),
        ],
        saved=Path("contacts.failures.csv"),
        remarks=["The list is not complete."],
    )
    lines = say(failures)
    at = lines.index("The first failed rows:")
    assert lines[at + 1].split() == ["row", "column", "message"]
    assert lines[at + 2].split(maxsplit=2) == ["3", "E-Mail", r'"x\x1b" is no address.']
    # Nothing is broken into lines where no terminal does it.
    assert lines[at + 3].endswith(("[red]Too many[/] " + "cells " * 60).strip())
    assert lines[at + 4 :] == [
        "The list is not complete.",
        "All failed rows: contacts.failures.csv",
    ]


def test_what_a_dry_run_would_change(say: Any) -> None:
    change = {
        "row": 2,
        "email": "a@b.co",
        "action": "updated",
        "fields": {
            "first_name": {"from": None, "to": "Ann"},
            "unsubscribed": {"from": False, "to": True},
            "properties.age": {"from": 40, "to": 41.5},
        },
    }
    lines = say(dry_run=True, changes=[change])
    at = lines.index("The first changes that it would make:")
    assert lines[at + 2].split(maxsplit=3) == [
        "2",
        "a@b.co",
        "updated",
        "first_name: nothing -> Ann, unsubscribed: false -> true, properties.age: 40 -> 41.5",
    ]
