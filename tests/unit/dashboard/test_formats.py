"""Numbers and times as a reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rollcall.dashboard.frame.formats import Formats

MOMENT = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "size"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1550, "1.6 kB"), (209_715_200, "210 MB")],
)
def test_sizes(count: int, size: str) -> None:
    assert Formats("en").file_size(count).replace("\u00a0", " ") == size


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0%"), (0.00001, "0.1%"), (0.125, "12.5%"), (0.99999, "99.9%"), (1, "100%")],
)
def test_only_nothing_is_none_and_only_all_is_all(share: float, shown: str) -> None:
    assert Formats("en").percent(share) == shown


@pytest.mark.parametrize(
    ("zone", "day", "time"),
    [
        ("", "Nov 27, 2026", "11:30:00 PM UTC"),
        ("Europe/Berlin", "Nov 28, 2026", "12:30:00 AM"),
        ("../../etc/passwd", "Nov 27, 2026", "11:30:00 PM UTC"),
        ("Nowhere/Town", "Nov 27, 2026", "11:30:00 PM UTC"),
        ("\x00", "Nov 27, 2026", "11:30:00 PM UTC"),
    ],
)
def test_a_moment_in_the_readers_zone(zone: str, day: str, time: str) -> None:
    formats = Formats("en", zone)
    assert formats.date(MOMENT) == day
    assert formats.date_time(MOMENT).replace("\u202f", " ") == f"{day}, {time}"


def test_how_long_ago() -> None:
    assert Formats("en").ago(datetime.now(UTC) - timedelta(minutes=3)) == "3 minutes ago"
