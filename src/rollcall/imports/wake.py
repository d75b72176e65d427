"""Telling workers that there is an import. The API does it, so nothing of the engine is needed.

The import's row is the truth: a worker that is not notified looks for work once a second.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import structlog
from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from rollcall.circuit import Circuit

log = structlog.get_logger(__name__)

QUEUE_NAME = "rollcall:imports"
JOB_NAME = "process_import"
REDIS_TIMEOUT = 2.0
# While Redis is away, it is tried once in so many seconds.
PAUSE_SECONDS = 5.0


def serialize(job: dict[str, Any]) -> bytes:
    """Write a job as JSON: what is in Redis must not be able to run code, as a pickle could."""
    return json.dumps(job, default=str).encode()


def deserialize(job: bytes) -> dict[str, Any]:
    """Read a job."""
    value: dict[str, Any] = json.loads(job)
    return value


def connect_queue(redis_url: str) -> ArqRedis:
    """Return the connection to the job queue; it connects when it is first used."""
    pool = BlockingConnectionPool.from_url(
        redis_url,
        max_connections=20,
        timeout=REDIS_TIMEOUT,
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
    )
    return ArqRedis(
        pool,
        job_serializer=serialize,
        job_deserializer=deserialize,
        default_queue_name=QUEUE_NAME,
    )


class Notifier:
    """Notifies workers; however long Redis takes to answer, no request does."""

    def __init__(self, redis_url: str):
        self._queue = connect_queue(redis_url)
        self._circuit = Circuit(PAUSE_SECONDS)
        self._notifying: set[asyncio.Task[None]] = set()

    def notify(self, import_id: uuid.UUID) -> None:
        """Begin to tell a worker that there is an import. Returns at once."""
        if self._circuit.lets_through():
            task = asyncio.create_task(self._notify(import_id))
            self._notifying.add(task)
            task.add_done_callback(self._notifying.discard)

    async def check(self) -> None:
        """Raise when Redis cannot be reached."""
        await self._queue.ping()

    async def aclose(self) -> None:
        """Let what is under way come to its end, and close the connections."""
        if self._notifying:
            _, silent = await asyncio.wait(self._notifying, timeout=REDIS_TIMEOUT)
            for task in silent:
                task.cancel()
        await self._queue.aclose(close_connection_pool=True)

    async def _notify(self, import_id: uuid.UUID) -> None:
        try:
            await enqueue(self._queue, import_id)
        except (RedisError, OSError) as error:
            # The worker that is not told of it finds it a moment later.
            if self._circuit.failed():
                log.warning("worker not notified", import_id=str(import_id), error=repr(error))
        else:
            self._circuit.succeeded()


async def enqueue(queue: ArqRedis, import_id: uuid.UUID) -> None:
    """Put an import into the queue, once however often it is told.

    Raises:
        RedisError, OSError: Redis cannot be reached, or does not answer.
    """
    await queue.enqueue_job(JOB_NAME, _job_id=str(import_id))
