"""The worker: arq with every limit set on purpose, because its defaults would end long imports."""

from __future__ import annotations

import asyncio
import gc
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog
from arq.connections import ArqRedis
from arq.cron import cron
from arq.worker import Worker, func

from rollcall.config import Settings
from rollcall.idempotency import purge_expired
from rollcall.imports import queue
from rollcall.imports.run import RunLimits, RunOutcome, run_import
from rollcall.logs import configure_logging
from rollcall.properties import purge as properties
from rollcall.segments import purge as segments
from rollcall.storage import Storage

log = structlog.get_logger(__name__)

SWEEP_EVERY_SECONDS = 3
PURGE_EVERY_SECONDS = 10
POLL_SECONDS = 0.1
MAX_JOBS = 2 * queue.SWEEP_LIMIT
# Far above RunLimits.max_seconds, after which a run ends by itself: arq must never cut one off.
JOB_TIMEOUT_SECONDS = 3600
# How many leases one transaction may last. A batch takes a second or two; what takes this long
# is a worker that hangs, and its locks would keep everybody else from taking over.
TRANSACTION_LEASES = 20


def run_worker(settings: Settings) -> None:
    """Work on imports until SIGTERM or SIGINT; then end after the current batches."""
    configure_logging(settings)
    # Long-lived objects are not looked at again by every collection while files are parsed.
    gc.collect()
    gc.freeze()
    create_worker(settings).run()


def create_worker(settings: Settings) -> Worker:
    """Return an arq worker for imports."""
    return Worker(
        functions=[func(process_import, name=queue.JOB_NAME, keep_result=0)],
        cron_jobs=[
            cron(
                sweep,
                name="sweep",
                second=set(range(0, 60, SWEEP_EVERY_SECONDS)),
                run_at_startup=True,
                keep_result=SWEEP_EVERY_SECONDS - 1,
                timeout=60,
            ),
            cron(
                purge,
                name="purge",
                second=set(range(0, 60, PURGE_EVERY_SECONDS)),
                run_at_startup=True,
                keep_result=PURGE_EVERY_SECONDS - 1,
                timeout=JOB_TIMEOUT_SECONDS,
            ),
        ],
        queue_name=queue.QUEUE_NAME,
        redis_pool=queue.create_bell(settings.redis_url),
        job_serializer=queue.serialize,
        job_deserializer=queue.deserialize,
        # What runs at once is bounded by the threads. Jobs that wait for one must not keep the
        # sweep and the purge from running, and are rung for again where there is one free.
        max_jobs=MAX_JOBS,
        job_timeout=JOB_TIMEOUT_SECONDS,
        # How often an import may fail is decided by its row, not by the queue.
        max_tries=1_000_000,
        retry_jobs=True,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        health_check_interval=60,
        log_results=False,
        ctx=_context(settings),
    )


def _context(settings: Settings) -> dict[str, Any]:
    return {
        "settings": settings,
        "storage": Storage(settings.storage_url),
        "threads": ThreadPoolExecutor(settings.worker_concurrency, thread_name_prefix="import"),
    }


async def process_import(ctx: dict[str, Any], team_id: str, import_id: str) -> None:
    """Run one import in a thread; when the worker is stopped, wait for the current batch."""
    stop = threading.Event()
    threads: ThreadPoolExecutor = ctx["threads"]
    run = threads.submit(_run, ctx, uuid.UUID(team_id), uuid.UUID(import_id), stop)
    try:
        await asyncio.shield(asyncio.wrap_future(run))
    except asyncio.CancelledError:
        stop.set()
        # One that still waits for a thread is not begun any more.
        if not run.cancel():
            await asyncio.wrap_future(run)
        raise


async def sweep(ctx: dict[str, Any]) -> None:
    """Ring again for imports that wait although their bell should have been heard."""
    for team_id, import_id, claims in await asyncio.to_thread(_waiting, ctx["settings"]):
        bell: ArqRedis = ctx["redis"]
        await queue.ring(bell, team_id, import_id, claims)


async def purge(ctx: dict[str, Any]) -> None:
    """Remove what deleted segments and properties have left, a bounded number of chunks a time."""
    await asyncio.to_thread(_purge, ctx["settings"])


def _run(
    ctx: dict[str, Any], team_id: uuid.UUID, import_id: uuid.UUID, stop: threading.Event
) -> RunOutcome:
    settings: Settings = ctx["settings"]
    limits = RunLimits(batch_rows=settings.batch_rows, lease_seconds=settings.lease_seconds)
    with (
        structlog.contextvars.bound_contextvars(import_id=str(import_id), team_id=str(team_id)),
        _connect(settings) as connection,
    ):
        outcome = run_import(connection, ctx["storage"], team_id, import_id, limits, stop)
        log.info("import run ended", outcome=outcome.value)
        return outcome


def _waiting(settings: Settings) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    with _connect(settings) as connection:
        return queue.waiting_imports(connection)


def _purge(settings: Settings) -> None:
    with _connect(settings) as connection:
        segments.purge_deleted(connection)
        properties.purge_deleted(connection)
        purge_expired(connection)


def _connect(settings: Settings) -> psycopg.Connection[Any]:
    # A worker that is killed or frozen in the middle of a batch must not hold its locks for long.
    limits = {
        "client_connection_check_interval": "1s",
        "idle_in_transaction_session_timeout": f"{settings.lease_seconds:.0f}s",
        "transaction_timeout": f"{settings.lease_seconds * TRANSACTION_LEASES:.0f}s",
    }
    return psycopg.connect(
        settings.psycopg_dsn,
        autocommit=True,
        application_name="rollcall-worker",
        connect_timeout=10,
        options=" ".join(f"-c {name}={value}" for name, value in limits.items()),
    )
