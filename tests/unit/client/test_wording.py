"""Numbers, moments and foreign text as a person sees them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from rollcall.client import wording
from rollcall.client.answers import Counts, ImportState
from rollcall.client.pace import Pace

COUNTS = Counts(total=1234567, created=1000000, updated=234000, skipped=500, failed=67)
AWAY = {"code": "storage_error", "message": "The storage is away."}


def state(**fields: Any) -> ImportState:
    return ImportState.model_validate(
        {"id": uuid.uuid4(), "status": "in_progress", "counts": COUNTS, **fields}
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë, 😀", "Zoë, 😀"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\u202egpj", r"\u202egpj"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert wording.printable(text) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (999_999, "999,999 bytes"),
        (1_000_000, "1.0 MB"),
        (1_234_567_890, "1,234.6 MB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert wording.size(count) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00:00"), (3725.6, "1:02:06")])
def test_durations(seconds: float, shown: str) -> None:
    assert wording.duration(seconds) == shown


def test_counts() -> None:
    assert wording.counts(COUNTS) == (
        "1,234,567 rows: 1,000,000 created, 234,000 updated, 500 skipped, 67 failed"
    )


def test_a_pace_says_what_is_known() -> None:
    pace = Pace()
    assert wording.pace(pace) == ""
    pace.see(state(rows_per_second=12345.6, progress=0.25), 0.0)
    assert wording.pace(pace) == "12,346 rows/s"
    pace.see(state(rows_per_second=12345.6, progress=0.5), 30.0)
    assert wording.pace(pace) == "12,346 rows/s, 0:01:00 left"


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({}, "Importing"),
        ({"dry_run": True}, "Checking"),
        ({"last_error": AWAY}, "Waiting"),
        ({"status": "queued", "last_error": AWAY}, "Waiting for a worker"),
    ],
)
def test_stages(fields: dict[str, Any], stage: str) -> None:
    assert wording.stage(state(**fields)) == stage


def test_who_waits_for_nothing_is_told_nothing() -> None:
    assert wording.waiting(state()) == ""
    assert wording.waiting(state(status="queued")) == ""


def test_who_waits_is_told_why_and_until_when() -> None:
    # A time of the person's place; the date is said because it is not today's.
    since = datetime.fromisoformat("2020-05-15T12:05:09").astimezone()
    told = wording.waiting(state(last_error=AWAY, waiting_since=since.astimezone(UTC)))
    assert told == (
        "The storage is away. It is tried again as soon as a worker is free."
        " It has waited since 2020-05-15 12:05:09."
    )
    told = wording.waiting(state(last_error=AWAY, retry_at=since.isoformat()))
    assert told == "The storage is away. It is tried again at 2020-05-15 12:05:09."
