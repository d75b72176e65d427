"""Step 2: ring for an import after its commit, claim it with a lease, sweep for lost bells.

The row is the truth and Redis is only a bell. A bell that is lost is rung again by the sweep.
"""

from __future__ import annotations

import itertools
import json
import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.dialect import Dialect
from rollcall.imports.merge import Connection, MergeOptions
from rollcall.imports.models import OnConflict
from rollcall.sql import load_statements

log = structlog.get_logger(__name__)

STATEMENTS = load_statements("rollcall.imports", "queue.sql")
QUEUE_NAME = "rollcall:imports"
JOB_NAME = "process_import"
# A file that has brought down its worker this often without a batch in between is given up.
MAX_ATTEMPTS = 3
SWEEP_LIMIT = 1000
REDIS_TIMEOUT = 2.0


class LeaseLost(Exception):
    """Another worker has taken this import over."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to commit batches of an import, as long as it is renewed."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    owner: uuid.UUID
    seconds: float

    def parameters(self) -> dict[str, Any]:
        return {
            "team_id": self.team_id,
            "import_id": self.import_id,
            "owner": self.owner,
            "lease_seconds": self.seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An import that is ours to run, from the row after `position` on."""

    lease: Lease
    object_key: str
    dialect: Dialect
    column_map: ColumnMap
    options: MergeOptions
    position: int
    attempts: int
    error_code: str | None


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


async def ring(bell: ArqRedis, team_id: uuid.UUID, import_id: uuid.UUID, claims: int) -> None:
    """Tell the workers of an import. A bell that cannot be rung is left to the sweep.

    The queue refuses the id of a job that it still holds, which keeps the sweep from filling it.
    But a job that a dead or frozen worker has taken is held for as long as jobs may last, so
    where the last job was taken and nobody works on the import, another one is needed.
    """
    try:
        for number in itertools.count():
            job_id = f"{import_id}:{claims}:{number}"
            job = await bell.enqueue_job(JOB_NAME, str(team_id), str(import_id), _job_id=job_id)
            if job is not None or not await bell.exists(in_progress_key_prefix + job_id):
                return
    except (RedisError, OSError) as error:
        log.warning("bell not rung, the sweep will", import_id=str(import_id), error=repr(error))


def waiting_imports(connection: Connection) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Return team, id and number of claims of the imports that nobody works on."""
    rows: Any = connection.execute(STATEMENTS["waiting"], {"limit": SWEEP_LIMIT}).fetchall()
    return [(team_id, import_id, claims) for team_id, import_id, claims in rows]


def claim(
    connection: Connection, team_id: uuid.UUID, import_id: uuid.UUID, lease_seconds: float
) -> Claim | None:
    """Take an import, or return None when it is done or in other hands."""
    lease = Lease(team_id=team_id, import_id=import_id, owner=uuid.uuid4(), seconds=lease_seconds)
    with connection.transaction():
        row: Any = connection.execute(STATEMENTS["claim"], lease.parameters()).fetchone()
    return None if row is None else _read_claim(lease, row)


def hold(connection: Connection, lease: Lease) -> None:
    """Renew the lease, and keep the import locked until the transaction ends.

    Raises:
        LeaseLost: the import has another owner, or is over.
    """
    if connection.execute(STATEMENTS["hold"], lease.parameters()).rowcount != 1:
        raise LeaseLost(LeaseLost.__doc__)


def release(
    connection: Connection,
    lease: Lease,
    *,
    pause: float = 0,
    forgive: bool = True,
    error_code: str | None = None,
) -> None:
    """Give an unfinished import back to the queue.

    Args:
        connection: one without an open transaction.
        lease: what was claimed.
        pause: seconds until somebody may claim it.
        forgive: whether this attempt does not count.
        error_code: what the import fails with when this was the last attempt.
    """
    parameters = {
        **lease.parameters(),
        "pause": pause,
        "forgiven": int(forgive),
        "error_code": error_code,
    }
    with connection.transaction():
        connection.execute(STATEMENTS["release"], parameters)


def _read_claim(lease: Lease, row: tuple[Any, ...]) -> Claim:
    key, dialect, column_map, on_conflict, segments, topics, position, attempts, error_code = row
    return Claim(
        lease=lease,
        object_key=key,
        dialect=Dialect.from_json(dialect),
        column_map=ColumnMap.model_validate(column_map),
        options=MergeOptions(
            team_id=lease.team_id,
            import_id=lease.import_id,
            on_conflict=OnConflict(on_conflict),
            segments=tuple(uuid.UUID(segment) for segment in segments),
            topics={uuid.UUID(topic): choice for topic, choice in topics.items()},
        ),
        position=position,
        attempts=attempts,
        error_code=error_code,
    )
