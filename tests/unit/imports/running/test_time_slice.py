"""When a run ends without a look at the database: that look is tried where there is one."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest

from rollcall.imports.kinds import Lane
from rollcall.imports.running.at_work import AtWork
from rollcall.imports.running.leases import Lease
from rollcall.imports.running.time_slice import TimeSlice


def is_over(*, stopped: bool = False, **asked: Any) -> bool:
    stop = threading.Event()
    if stopped:
        stop.set()
    lease = Lease(team_id=uuid.uuid4(), import_id=uuid.uuid4(), owner=uuid.uuid4(), seconds=30)
    asked = {"seconds": 3600.0, "is_dry": False, "is_trial": False, **asked}
    time_slice = TimeSlice(lease=lease, lane=Lane.LARGE, stop=stop, at_work=AtWork(), **asked)
    # No connection: none of these cases may need it.
    return time_slice.is_over(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, False),
        ({"stopped": True}, True),
        ({"stopped": True, "is_dry": True}, True),
        ({"is_dry": True, "seconds": 0.0}, False),
        ({"is_trial": True}, True),
        ({"is_dry": True, "is_trial": True}, False),
    ],
)
def test_it_is_over(asked: dict[str, Any], expected: bool) -> None:
    assert is_over(**asked) is expected
