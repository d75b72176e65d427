"""How moments and ids are written on the wire."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from rollcall.errors import InvalidParameter
from rollcall.web.wire import parse_id, render_timestamp


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 5, 15, 18, 32, 37, 823_000, UTC), "2026-05-15 18:32:37.823+00"),
        (datetime(2026, 5, 15, 18, 32, 37, 823_001, UTC), "2026-05-15 18:32:37.823001+00"),
        (datetime(2026, 5, 15, 18, 32, 37, 0, UTC), "2026-05-15 18:32:37+00"),
        (datetime(2026, 5, 15, 18, 32, 40, 0, UTC), "2026-05-15 18:32:40+00"),
        (
            datetime(2026, 5, 15, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2026-05-14 22:30:00+00",
        ),
    ],
)
def test_a_moment_is_written_in_utc_without_zeros_behind_it(moment: datetime, text: str) -> None:
    assert render_timestamp(moment) == text


def test_an_id_is_read_in_every_usual_form() -> None:
    expected = uuid.UUID("01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11")
    for form in (str(expected), str(expected).upper(), expected.hex):
        assert parse_id(form, "import_id") == expected


@pytest.mark.parametrize("text", ["", "1", "01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b1g", "a@b.co"])
def test_what_is_no_id_is_refused_by_the_name_of_its_place(text: str) -> None:
    with pytest.raises(InvalidParameter, match="The `segment_id` must be a valid UUID"):
        parse_id(text, "segment_id")
