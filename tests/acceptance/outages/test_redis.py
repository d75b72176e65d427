"""A Redis that is frozen, gone or unreachable: nobody notices but who reads the log."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from rollcall.web.rate_limit import PAUSE_SECONDS
from tests.support.outages import (
    KINDS,
    READY_SECONDS,
    World,
    ask_at_once,
    ended,
    frozen,
    redis_of,
    swallowing,
)
from tests.support.patience import wait_until


def stopped(world: World) -> AbstractContextManager[None]:
    return frozen([redis_of(world)])


def killed(world: World) -> AbstractContextManager[None]:
    return ended(redis_of(world), signal.SIGKILL, world)


def swallowed(world: World) -> AbstractContextManager[None]:
    return swallowing(world.redis)


@pytest.mark.parametrize("outage", [stopped, killed, swallowed])
def test_requests_are_served_without_redis(
    world: World, outage: Callable[[World], AbstractContextManager[None]]
) -> None:
    wait_until(lambda: is_counted(world))
    asks = [KINDS["list"], KINDS["segment"], KINDS["upload"]] * 10
    usual = max(timed.seconds for timed in ask_at_once(world.api, asks))
    began = time.monotonic()
    with outage(world):
        at_once = ask_at_once(world.api, asks)
        later = ask_at_once(world.api, [KINDS["upload"]] * 10)
        ready = world.api.ready()
        # On a busy machine Redis may have been too slow just before, and that is not said again.
        wait_until(lambda: not is_counted(world) and is_said(world))
    seconds = time.monotonic() - began
    answers = [*at_once, *later]
    assert {timed.answer.status_code for timed in answers} <= {200, 201}
    # Half a second more for all that come at once, and nothing for the others; half a second for
    # each of them, one after another, would be fifteen.
    assert max(timed.seconds for timed in answers) < usual + 4
    assert ready.elapsed.total_seconds() < READY_SECONDS
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["checks"] == {"database": "ok", "redis": "unreachable", "storage": "ok"}
    log = world.api.log()
    assert "Traceback" not in "\n".join(log)
    # Each of the two says so once in its pause.
    assert len(log) <= 2 * (2 + seconds / PAUSE_SECONDS), log
    wait_until(lambda: is_counted(world))
    assert world.api.ready().json()["status"] == "ok"


def is_said(world: World) -> bool:
    return any("not counted" in line for line in world.api.log())


def is_counted(world: World) -> bool:
    with world.api.client() as client:
        return "ratelimit-limit" in client.get("/segments").headers
