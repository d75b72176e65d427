"""Requests per second and team, counted in Redis so that all API processes count together."""

from __future__ import annotations

import math
import time
import uuid

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from rollcall.errors import RateLimitExceeded

log = structlog.get_logger(__name__)

REDIS_TIMEOUT = 0.5
# While Redis is away, not every request waits for it to answer.
PAUSE_AFTER_ERROR = 2.0


class RateLimiter:
    """Counts the requests of teams in windows of one second; a limit of 0 lets all through."""

    def __init__(self, redis_url: str, limit: int):
        self._limit = limit
        self._item = RateLimitItemPerSecond(max(limit, 1))
        self._paused_until = 0.0
        self._storage = RedisStorage(
            "async+" + redis_url.replace("unix://", "redis+unix://", 1),
            implementation="redispy",
            key_prefix="rollcall:rate",
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
        )
        self._limiter = FixedWindowRateLimiter(self._storage)

    async def hit(self, team_id: uuid.UUID) -> dict[str, str]:
        """Count a request; return the headers of its answer, none when nothing is counted.

        Without Redis requests are let through: contacts matter more than their rate.

        Raises:
            RateLimitExceeded: with the headers that say when to try again.
        """
        if not self._limit or time.monotonic() < self._paused_until:
            return {}
        try:
            allowed = await self._limiter.hit(self._item, str(team_id))
            stats = await self._limiter.get_window_stats(self._item, str(team_id))
        except (RedisError, OSError) as error:
            self._paused_until = time.monotonic() + PAUSE_AFTER_ERROR
            log.warning("requests are not counted: no Redis", error=repr(error))
            return {}
        reset = str(max(1, math.ceil(stats.reset_time - time.time())))
        headers = {
            "ratelimit-limit": str(self._limit),
            "ratelimit-remaining": str(max(0, stats.remaining)),
            "ratelimit-reset": reset,
            "ratelimit-policy": f"{self._limit};w=1",
        }
        if not allowed:
            raise RateLimitExceeded(
                f"Too many requests: at most {self._limit} per second. Try again in {reset} s.",
                headers={**headers, "retry-after": reset},
            )
        return headers

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        # The library has no way to close what it has opened.
        client = self._storage.bridge.storage  # type: ignore[attr-defined]
        await client.aclose(close_connection_pool=True)
