"""Requests per second and team, counted in Redis so that all API processes count together."""

from __future__ import annotations

import asyncio
import math
import uuid

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from rollcall.circuit import Circuit
from rollcall.errors import RateLimitExceeded

log = structlog.get_logger(__name__)

# For a request in all: a free connection, a new one and its password, the count.
COUNT_SECONDS = 0.5
# While Redis is away, one request in so many seconds waits for it to answer.
PAUSE_SECONDS = 2.0
WINDOW_MILLISECONDS = 1000
# The window begins with its first request. One script, so that counting takes one round trip and
# no window stays without an end.
COUNT = f"""
local count = redis.call("INCR", KEYS[1])
if count == 1 then redis.call("PEXPIRE", KEYS[1], {WINDOW_MILLISECONDS}) end
return {{count, redis.call("PTTL", KEYS[1])}}
"""


class RateLimiter:
    """Counts the requests of teams in windows of one second; a limit of 0 lets all through."""

    def __init__(self, redis_url: str, limit: int):
        self._limit = limit
        self._circuit = Circuit(PAUSE_SECONDS)
        self._redis: Redis = Redis.from_url(
            redis_url, socket_timeout=COUNT_SECONDS, socket_connect_timeout=COUNT_SECONDS
        )
        self._count = self._redis.register_script(COUNT)

    async def hit(self, team_id: uuid.UUID) -> dict[str, str]:
        """Count a request; return the headers of its answer, none when nothing is counted.

        Without Redis requests are let through: contacts matter more than their rate.

        Raises:
            RateLimitExceeded: with the headers that say when to try again.
        """
        if not self._limit or not self._circuit.lets_through():
            return {}
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                count, left = await self._count(keys=[f"rollcall:rate:{team_id}"])
        except (RedisError, OSError) as error:
            if self._circuit.failed():
                log.warning("requests are not counted: no Redis", error=repr(error))
            return {}
        self._circuit.succeeded()
        reset = str(max(1, math.ceil(left / 1000)))
        headers = {
            "ratelimit-limit": str(self._limit),
            "ratelimit-remaining": str(max(0, self._limit - count)),
            "ratelimit-reset": reset,
            "ratelimit-policy": f"{self._limit};w=1",
        }
        if count > self._limit:
            raise RateLimitExceeded(
                f"Too many requests: at most {self._limit} per second. Try again in {reset} s.",
                headers={**headers, "retry-after": reset},
            )
        return headers

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        await self._redis.aclose(close_connection_pool=True)
