"""Notifications and a clock, by arq; a worker does without them while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from arq.worker import Worker
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# Between two tries to reach Redis.
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
CLOSE_SECONDS = 1.0


@dataclass(kw_only=True)
class Listener:
    """Listens to Redis until it is cancelled, and again and again when Redis was away.

    Imports need none of it: they are found without a notification. Purges are done without Redis
    too.

    Args:
        create_worker: makes arq's worker, which is used until Redis is away.
        purge: what is done in the meantime every `purge_every` seconds.
    """

    create_worker: Callable[[], Worker]
    purge: Callable[[], Awaitable[None]]
    purge_every: float
    _is_away: bool = False
    _purged: float = 0.0

    async def listen(self) -> None:
        """Run the jobs of the queue, for ever."""
        clock = asyncio.get_running_loop().time
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = clock()
            try:
                await self._run_worker()
            except (RedisError, OSError) as error:
                self._note_away(error)
            except Exception:
                log.exception("queue broken off")
            if clock() - began > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            if self._is_away and clock() - self._purged > self.purge_every:
                self._purged = clock()
                await self._purge()

    async def _run_worker(self) -> None:
        worker = self.create_worker()
        worker.on_startup = self._note_back
        try:
            await worker.async_run()
        finally:
            await _close(worker)

    async def _purge(self) -> None:
        try:
            await self.purge()
        except Exception:
            # It is tried again, and bells have to be heard again in any case.
            log.exception("purge broken off")

    def _note_away(self, error: Exception) -> None:
        if not self._is_away:
            log.warning("redis is away, imports go on", reason=repr(error))
        self._is_away = True

    async def _note_back(self, ctx: dict[Any, Any]) -> None:
        """Called by arq as soon as it has asked Redis something."""
        del ctx
        if self._is_away:
            log.warning("redis is back")
        self._is_away = False


async def _close(worker: Worker) -> None:
    """Leave no task and no connection behind; arq's own way takes Redis to be there."""
    tasks = [task for task in (worker.main_task, *worker.tasks.values()) if task is not None]
    for task in tasks:
        # A job that is cancelled still writes down that it is, and may wait for Redis in vain.
        task.add_done_callback(_take_outcome)
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=2 * CLOSE_SECONDS)
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await worker.pool.aclose(close_connection_pool=True)
    except (RedisError, OSError) as error:
        log.info("connection to redis not closed in order", reason=repr(error))


def _take_outcome(task: asyncio.Task[Any]) -> None:
    """What went wrong is told by the main task already; here it is only taken."""
    if not task.cancelled():
        task.exception()
