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
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from tests.support.faults.deadly import deadly_import
from tests.support.faults.world import World, family_of
from tests.support.outages import frozen, frozen_with_sessions
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


class Part(Enum):
    """What a fault befalls. Of two at once, the part that comes first here is healed last."""

    API = auto()
    WORKER = auto()
    REDIS = auto()
    STORAGE = auto()
    DATABASE = auto()


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    `needs_disk` and `needs_bucket` say where uploads have to be kept for it. If it `leaves_files`,
    an upload may be broken off so that nobody is left who could remove its file. If it `lasts`, it
    is worse the longer it does, and if it `is_alone`, nothing else may happen meanwhile.
    """

    name: str
    part: Part
    befall: Befall
    leaves_files: bool = False
    needs_disk: bool = False
    needs_bucket: bool = False
    lasts: bool = False
    is_alone: bool = False

    def is_possible(self, world: World) -> bool:
        """Tell whether it can happen in this world."""
        if self.needs_bucket:
            return world.to_bucket is not None
        return world.disk is not None or not self.needs_disk


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
    world.workers[number].kill()
    world.start_worker(number, ahead=ahead)
    yield
    world.workers[number].kill()
    world.start_worker(number)


@contextmanager
def file_kills(world: World, _: random.Random) -> Iterator[None]:
    """A file brings down every process that works on it: it is given up, and others go on."""
    with deadly_import(world) as deadly:
        yield
        wait_until(deadly.is_given_up)


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


def database_frozen(world: World, _: random.Random) -> AbstractContextManager[None]:
    return frozen_with_sessions(world.database.process)


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
    uploads = Path(urlsplit(world.settings.storage_url).path)
    away = uploads.rename(uploads.with_name("away"))
    yield
    away.rename(uploads)


@contextmanager
def bucket_refuses(world: World, _: random.Random) -> Iterator[None]:
    """Nothing can be read or written, also of what is being read."""
    assert world.to_bucket is not None
    world.to_bucket.is_refusing = True
    world.to_bucket.cut()
    yield
    world.to_bucket.is_refusing = False


@contextmanager
def bucket_silent(world: World, _: random.Random) -> Iterator[None]:
    """It takes everything and says nothing."""
    assert world.to_bucket is not None
    world.to_bucket.is_swallowing = True
    yield
    world.to_bucket.cut()
    world.to_bucket.is_swallowing = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("worker killed", Part.WORKER, worker_killed),
        Kind("worker stopped", Part.WORKER, worker_stopped),
        Kind("worker frozen", Part.WORKER, worker_frozen),
        Kind("worker's clock wrong", Part.WORKER, clock_wrong),
        Kind("file kills its worker", Part.WORKER, file_kills, is_alone=True),
        Kind("API killed", Part.API, api_killed, leaves_files=True),
        Kind("API stopped", Part.API, api_stopped),
        Kind("Redis killed", Part.REDIS, redis_killed),
        Kind("Redis frozen", Part.REDIS, redis_frozen, lasts=True),
        Kind("Redis flushed", Part.REDIS, redis_flushed),
        Kind("PostgreSQL session killed", Part.DATABASE, session_killed, leaves_files=True),
        Kind("PostgreSQL restarted", Part.DATABASE, database_restarted, leaves_files=True),
        Kind("PostgreSQL crashed", Part.DATABASE, database_crashed, leaves_files=True),
        Kind("PostgreSQL frozen", Part.DATABASE, database_frozen, leaves_files=True, lasts=True),
        Kind("connections cut", Part.DATABASE, connections_cut, leaves_files=True),
        Kind("network silent", Part.DATABASE, network_silent, leaves_files=True, lasts=True),
        Kind("disk full", Part.STORAGE, disk_full, needs_disk=True),
        Kind("storage away", Part.STORAGE, storage_away, needs_disk=True),
        Kind("bucket refuses", Part.STORAGE, bucket_refuses, needs_bucket=True, leaves_files=True),
        Kind(
            "bucket silent",
            Part.STORAGE,
            bucket_silent,
            needs_bucket=True,
            leaves_files=True,
            lasts=True,
        ),
    )
}
