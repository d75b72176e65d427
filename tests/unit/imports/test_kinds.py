"""Which imports wait for which."""

from __future__ import annotations

import pytest

from rollcall.imports.kinds import SMALL_BYTES, Lane


@pytest.mark.parametrize(
    ("size", "dry_run", "lane"),
    [
        (0, False, Lane.SMALL),
        (SMALL_BYTES, False, Lane.SMALL),
        (SMALL_BYTES + 1, False, Lane.LARGE),
        # A small dry run is over in a moment, as any small file is.
        (SMALL_BYTES, True, Lane.SMALL),
        (SMALL_BYTES + 1, True, Lane.DRY_RUN),
    ],
)
def test_small_files_wait_for_small_files_only(size: int, dry_run: bool, lane: Lane) -> None:
    assert Lane.of(size, dry_run=dry_run) is lane
