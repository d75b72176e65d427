"""Bells: one at a time for an import, and always one that somebody can hear."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix

from rollcall.config import Settings
from rollcall.imports.queue import QUEUE_NAME, create_bell, ring

TEAM, IMPORT = uuid.uuid4(), uuid.uuid4()
Rung = Callable[[ArqRedis], Awaitable[None]]


def jobs_after(settings: Settings, do: Rung) -> list[str]:
    """Return the jobs in the queue after something was done to it."""

    async def run() -> list[Any]:
        bell = create_bell(settings.redis_url)
        try:
            await do(bell)
            return list(await bell.zrange(QUEUE_NAME, 0, -1))
        finally:
            await bell.aclose(close_connection_pool=True)

    return [job.decode() for job in asyncio.run(run())]


def test_ringing_again_for_a_job_that_waits_changes_nothing(settings: Settings) -> None:
    async def do(bell: ArqRedis) -> None:
        for _ in range(3):
            await ring(bell, TEAM, IMPORT, claims=0)

    assert jobs_after(settings, do) == [f"{IMPORT}:0:0"]


def test_a_job_that_a_dead_worker_has_taken_does_not_silence_the_bell(settings: Settings) -> None:
    async def do(bell: ArqRedis) -> None:
        await ring(bell, TEAM, IMPORT, claims=1)
        await bell.set(f"{in_progress_key_prefix}{IMPORT}:1:0", b"1", px=3_600_000)
        for _ in range(3):
            await ring(bell, TEAM, IMPORT, claims=1)

    assert sorted(jobs_after(settings, do)) == [f"{IMPORT}:1:0", f"{IMPORT}:1:1"]
