"""The kinds of faults: each begins, lasts for as long as its context does, and is healed then."""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

import psutil
import psycopg
import redis

from tests.support.faults.world import World, family_of
from tests.support.outages import frozen
from tests.support.patience import wait_until

Befall = Callable[[World, random.Random], AbstractContextManager[None]]
LEASES = """
SELECT id, lease_owner FROM contact_imports
WHERE status = 'in_progress' AND lease_owner IS NOT NULL
"""
SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE application_name = 'rollcall-worker' ORDER BY state <> 'active', pid
"""
DAY = 24 * 3600
# Is imported by Python before anything else.
SITE = """
import time
ahead = {ahead}
own, own_ns = time.time, time.time_ns
time.time = lambda: own() + ahead
time.time_ns = lambda: own_ns() + ahead * 1_000_000_000
"""


@dataclass(frozen=True)
class Kind:
    """A kind of fault; `leaves_files` is whether an upload may be broken off without a trace."""

    name: str
    befall: Befall
    leaves_files: bool = False
    needs_disk: bool = False


@contextmanager
def worker_killed(world: World, chosen: random.Random) -> Iterator[None]:
    for process in family_of(chosen.choice(world.workers)):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    yield
    world.keep_running()


@contextmanager
def worker_stopped(world: World, chosen: random.Random) -> Iterator[None]:
    chosen.choice(world.workers).stop()
    yield
    world.keep_running()


@contextmanager
def api_killed(world: World, _: random.Random) -> Iterator[None]:
    world.api.kill()
    yield
    world.keep_running()


@contextmanager
def api_stopped(world: World, _: random.Random) -> Iterator[None]:
    world.api.stop()
    yield
    world.keep_running()


@contextmanager
def worker_frozen(world: World, chosen: random.Random) -> Iterator[None]:
    """It wakes up when others have all that it had: it can commit nothing of it any more."""
    with frozen(family_of(chosen.choice(world.workers))):
        before = _leases(world)
        yield
        wait_until(lambda: not before.items() & _leases(world).items())


def _leases(world: World) -> dict[uuid.UUID, uuid.UUID]:
    with world.connect() as connection:
        return dict(connection.execute(LEASES).fetchall())


@contextmanager
def clock_wrong(world: World, chosen: random.Random) -> Iterator[None]:
    """A worker is replaced by one that is a day ahead or behind."""
    number = chosen.randrange(len(world.workers))
    ahead = chosen.choice([DAY, -DAY])
    site = world.folder / f"site{ahead}"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITE.format(ahead=ahead))
    world.workers[number].kill()
    world.start_worker(number, site=site)
    yield
    world.workers[number].kill()
    world.start_worker(number)


@contextmanager
def redis_killed(world: World, _: random.Random) -> Iterator[None]:
    """It is empty when it comes back."""
    world.redis.kill()
    yield
    world.redis.start()


@contextmanager
def redis_frozen(world: World, _: random.Random) -> Iterator[None]:
    world.redis.freeze()
    yield
    world.redis.thaw()


@contextmanager
def redis_flushed(world: World, _: random.Random) -> Iterator[None]:
    with redis.Redis.from_url(world.redis.url) as client:
        client.flushall()
        yield
        client.flushall()


@contextmanager
def session_killed(world: World, _: random.Random) -> Iterator[None]:
    """PostgreSQL ends all others too, and recovers by itself."""
    with world.connect() as connection:
        row = connection.execute(SESSIONS).fetchone()
    if row is not None:
        with suppress(ProcessLookupError):
            os.kill(row[0], signal.SIGKILL)
    yield
    wait_until(lambda: _answers(world))


def _answers(world: World) -> bool:
    try:
        with world.connect():
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def database_restarted(world: World, _: random.Random) -> Iterator[None]:
    world.database.stop()
    yield
    world.start_database()


@contextmanager
def database_crashed(world: World, _: random.Random) -> Iterator[None]:
    world.database.crash()
    yield
    world.start_database()


@contextmanager
def database_frozen(world: World, _: random.Random) -> Iterator[None]:
    server = world.database.process
    # The sessions are those that there are when it can make no more.
    with frozen([server]), frozen(server.children()):
        yield


@contextmanager
def connections_cut(world: World, chosen: random.Random) -> Iterator[None]:
    """All at once, and all that were made since, several times."""
    for _ in range(3):
        world.to_database.cut()
        world.to_redis.cut()
        time.sleep(chosen.uniform(0, 0.4))
    yield
    world.to_database.cut()


@contextmanager
def network_silent(world: World, _: random.Random) -> Iterator[None]:
    """What is sent is acknowledged, and gets nowhere; in the end all connections break."""
    networks = (world.to_database, world.to_redis)
    for network in networks:
        network.is_swallowing = True
    yield
    for network in networks:
        network.cut()
        network.is_swallowing = False


@contextmanager
def disk_full(world: World, _: random.Random) -> Iterator[None]:
    """The storage takes nothing more, and what it has can be read."""
    assert world.disk is not None
    world.disk.fill()
    yield
    world.disk.enlarge()


@contextmanager
def storage_away(world: World, _: random.Random) -> Iterator[None]:
    """Its volume is not mounted: nothing can be read or written."""
    away = world.uploads.with_name("away")
    world.uploads.rename(away)
    yield
    away.rename(world.uploads)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("worker killed", worker_killed),
        Kind("worker stopped", worker_stopped),
        Kind("worker frozen", worker_frozen),
        Kind("worker's clock wrong", clock_wrong),
        Kind("API killed", api_killed, leaves_files=True),
        Kind("API stopped", api_stopped),
        Kind("Redis killed", redis_killed),
        Kind("Redis frozen", redis_frozen),
        Kind("Redis flushed", redis_flushed),
        Kind("PostgreSQL session killed", session_killed, leaves_files=True),
        Kind("PostgreSQL restarted", database_restarted, leaves_files=True),
        Kind("PostgreSQL crashed", database_crashed, leaves_files=True),
        Kind("PostgreSQL frozen", database_frozen, leaves_files=True),
        Kind("connections cut", connections_cut, leaves_files=True),
        Kind("network silent", network_silent, leaves_files=True),
        Kind("disk full", disk_full, needs_disk=True),
        Kind("storage away", storage_away),
    )
}
