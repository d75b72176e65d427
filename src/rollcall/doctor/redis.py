"""Redis: whether it answers, and what it does when its memory is full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import redis
from redis.exceptions import RedisError

from rollcall.config import Settings
from rollcall.doctor.findings import Finding, ok, warn

SECONDS = 3.0
# Only a notification and counts of a second are in it, so that it may come back empty.
HOLDS = "nothing in it has to outlive it"
OLDEST = (5, 0)


def look_at_redis(settings: Settings) -> Iterator[Finding]:
    """Look at the Redis that the settings name; the service does without it for a while."""
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    )
    with client:
        try:
            told: Any = client.info()
        except (RedisError, OSError) as error:
            yield warn(
                "redis",
                f"cannot be reached: {error}",
                "look at ROLLCALL_REDIS_URL; until then imports begin a second later and requests"
                " are not counted",
            )
            return
    yield _version(str(told.get("redis_version", "?")))
    policy = told.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        yield ok("redis", f"evicts nothing; {HOLDS}")
    else:
        yield warn(
            "redis",
            f"its maxmemory-policy is {policy}, which may drop notifications and counts",
            "set it to noeviction",
        )
    most = int(told.get("maxmemory", 0))
    if most and int(told.get("used_memory", 0)) > 0.9 * most:
        yield warn("redis", "over 90 % of its maxmemory is in use", "raise maxmemory")


def _version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        return warn("redis", f"Redis {version}", f"use {OLDEST[0]}.{OLDEST[1]} or later")
    return ok("redis", f"Redis {version} answers")
