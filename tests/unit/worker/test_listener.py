"""A queue that is broken off leaves nothing behind, however its jobs take it."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from arq.worker import Worker, func

from rollcall.imports.wake import connect_queue
from rollcall.worker import listener

NOBODY_THERE = "redis://127.0.0.1:1/0"


async def nothing(ctx: dict[Any, Any]) -> None:
    """A worker has to have a job."""


async def clings_to_its_work(seconds: float) -> None:
    """A job that, when it is cancelled, still asks a Redis which does not answer any more."""
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(seconds)
        raise ConnectionError("Redis is away.")


@pytest.mark.parametrize("seconds", [0, 0.3], ids=["at once", "long after"])
def test_what_a_job_says_when_it_is_broken_off_is_taken(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "CLOSE_SECONDS", 0.05)
    complaints: list[dict[str, Any]] = []

    async def close() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        worker = Worker([func(nothing)], redis_pool=connect_queue(NOBODY_THERE))
        task = asyncio.create_task(clings_to_its_work(seconds))
        worker.tasks["job"] = task
        await asyncio.sleep(0)
        await listener._close(worker)
        await asyncio.wait([task])
        worker.tasks.clear()
        del task
        gc.collect()

    asyncio.run(close())
    assert complaints == []
