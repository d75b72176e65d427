"""The database's clock goes on from what it said, whatever the clock of this machine says."""

from __future__ import annotations

import time

from rollcall.imports.clock import DatabaseClock


def test_it_says_what_it_was_told_and_the_time_since() -> None:
    told_at = time.monotonic() - 90
    assert DatabaseClock(1_000_000, told_at).now() >= 1_090_000


def test_it_never_goes_back() -> None:
    clock = DatabaseClock(1_000_000)
    said = [clock.now() for _ in range(1000)]
    assert said[0] >= 1_000_000
    assert said == sorted(said)
