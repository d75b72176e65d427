"""The bell that tells workers of an import. The API rings it, so nothing of the engine is needed.

The import's row is the truth: without a bell, workers look for work once a second.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import structlog
from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

QUEUE_NAME = "rollcall:imports"
JOB_NAME = "process_import"
REDIS_TIMEOUT = 2.0


def serialize(job: dict[str, Any]) -> bytes:
    """Write a job as JSON: what is in Redis must not be able to run code, as a pickle could."""
    return json.dumps(job, default=str).encode()


def deserialize(job: bytes) -> dict[str, Any]:
    """Read a job."""
    value: dict[str, Any] = json.loads(job)
    return value


def create_bell(redis_url: str) -> ArqRedis:
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


async def ring(bell: ArqRedis, import_id: uuid.UUID) -> None:
    """Tell a worker that there is an import. One that is not told finds it a moment later."""
    try:
        await bell.enqueue_job(JOB_NAME, _job_id=str(import_id))
    except (RedisError, OSError) as error:
        log.warning("bell not rung", import_id=str(import_id), error=repr(error))
