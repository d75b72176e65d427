"""Rows per second and time left, from a series of looks at an import."""

from __future__ import annotations

import uuid

import pytest

from rollcall.client.answers import Counts, ImportState
from rollcall.client.pace import WINDOW_SECONDS, Pace


def state(
    rows: int, *, progress: float | None = None, rate: float | None = None, status: str = "running"
) -> ImportState:
    return ImportState.model_validate(
        {
            "id": uuid.uuid4(),
            "status": "in_progress" if status == "running" else status,
            "counts": Counts(total=rows, created=rows, updated=0, skipped=0, failed=0),
            "progress": progress,
            "rows_per_second": rate,
        }
    )


def test_a_server_that_tells_nothing_is_measured() -> None:
    pace = Pace()
    pace.see(state(0), 10.0)
    assert (pace.rows_per_second, pace.seconds_left) == (None, None)
    pace.see(state(1000), 12.0)
    assert (pace.rows_per_second, pace.seconds_left) == (500.0, None)


def test_the_servers_own_measure_goes_first() -> None:
    pace = Pace()
    pace.see(state(0, progress=0.0, rate=7.5), 0.0)
    pace.see(state(1000, progress=0.25, rate=7.5), 5.0)
    assert pace.rows_per_second == 7.5
    assert pace.seconds_left == pytest.approx(15.0)


def test_only_the_last_half_minute_counts() -> None:
    pace = Pace()
    pace.see(state(0, progress=0.0), 0.0)
    for second in range(100, 100 + int(WINDOW_SECONDS) + 1):
        pace.see(state(second * 10, progress=second / 200), float(second))
    assert pace.rows_per_second == pytest.approx(10.0)
    assert pace.seconds_left == pytest.approx(200 - 100 - WINDOW_SECONDS)


def test_waiting_and_standing_still_are_no_pace() -> None:
    pace = Pace()
    pace.see(state(0, status="queued", progress=0.0), 0.0)
    assert (pace.rows_per_second, pace.seconds_left) == (None, None)
    pace.see(state(5, progress=0.5), 1.0)
    pace.see(state(5, progress=0.5), 2.0)
    assert (pace.rows_per_second, pace.seconds_left) == (None, None)


def test_a_dry_run_that_begins_anew_is_measured_anew() -> None:
    pace = Pace()
    pace.see(state(1000, progress=0.5), 0.0)
    pace.see(state(0, progress=0.0), 1.0)
    assert (pace.rows_per_second, pace.seconds_left) == (None, None)
    pace.see(state(200, progress=0.1), 2.0)
    assert pace.rows_per_second == pytest.approx(200.0)
    assert pace.seconds_left == pytest.approx(9.0)
