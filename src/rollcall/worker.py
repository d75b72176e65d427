"""The worker: arq with every limit set on purpose, because its defaults would end long imports."""

from __future__ import annotations

import asyncio
import gc
import sys
from datetime import timedelta
from typing import Any

import psycopg
from arq.cron import cron
from arq.worker import Worker, func

from rollcall.config import Settings
from rollcall.expiry import purge_expired
from rollcall.imports import bell
from rollcall.imports.collect import collect_files
from rollcall.imports.lanes import Lanes
from rollcall.logs import configure_logging
from rollcall.memory import give_memory_back
from rollcall.properties import purge as properties
from rollcall.segments import purge as segments
from rollcall.storage import Storage

PURGE_EVERY_SECONDS = 10
COLLECT_AT_HOURS = {0, 6, 12, 18}
POLL_SECONDS = 0.1
SWITCH_SECONDS = 0.0005
# A purge does a bounded number of chunks; arq must never cut one off.
JOB_TIMEOUT_SECONDS = 3600
# How many leases one transaction may last. A batch takes a second or two; what takes this long
# is a worker that hangs, and its locks would keep everybody else from taking over.
TRANSACTION_LEASES = 20


def run_worker(settings: Settings) -> None:
    """Work on imports until SIGTERM or SIGINT; then end after the current batches."""
    give_memory_back()
    configure_logging(settings)
    # Long-lived objects are not looked at again by every collection while files are parsed.
    gc.collect()
    gc.freeze()
    # Threads that talk to the database need the interpreter often and briefly. While another one
    # parses, each time would cost them the default of 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)
    create_worker(settings).run()


def create_worker(settings: Settings) -> Worker:
    """Return an arq worker whose jobs are bells: the lanes do the work, on threads of their own."""
    storage = Storage(settings.storage_url)
    lanes = Lanes(
        connect=lambda: _connect(settings),
        storage=storage,
        large_at_once=settings.worker_concurrency,
        batch_rows=settings.batch_rows,
        lease_seconds=settings.lease_seconds,
    )
    return Worker(
        functions=[func(process_import, name=bell.JOB_NAME, keep_result=0)],
        cron_jobs=[
            cron(
                purge,
                name="purge",
                second=set(range(0, 60, PURGE_EVERY_SECONDS)),
                run_at_startup=True,
                keep_result=PURGE_EVERY_SECONDS - 1,
                timeout=JOB_TIMEOUT_SECONDS,
            ),
            # One worker of all does it.
            cron(
                collect,
                name="collect",
                hour=COLLECT_AT_HOURS,
                minute=23,
                timeout=JOB_TIMEOUT_SECONDS,
            ),
        ],
        queue_name=bell.QUEUE_NAME,
        redis_pool=bell.create_bell(settings.redis_url),
        job_serializer=bell.serialize,
        job_deserializer=bell.deserialize,
        job_timeout=JOB_TIMEOUT_SECONDS,
        # How often an import may fail is decided by its row, not by the queue.
        max_tries=1_000_000,
        retry_jobs=True,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        health_check_interval=60,
        log_results=False,
        on_startup=_start,
        on_shutdown=_stop,
        ctx={"settings": settings, "storage": storage, "lanes": lanes},
    )


async def _start(ctx: dict[str, Any]) -> None:
    lanes: Lanes = ctx["lanes"]
    lanes.start()


async def _stop(ctx: dict[str, Any]) -> None:
    lanes: Lanes = ctx["lanes"]
    await asyncio.to_thread(lanes.stop)


async def process_import(ctx: dict[str, Any]) -> None:
    """Have the lanes look for an import at once."""
    lanes: Lanes = ctx["lanes"]
    lanes.ring()


async def purge(ctx: dict[str, Any]) -> None:
    """Remove what deleted segments and properties have left, a bounded number of chunks a time."""
    await asyncio.to_thread(_purge, ctx["settings"])


def _purge(settings: Settings) -> None:
    with _connect(settings) as connection:
        segments.purge_deleted(connection)
        properties.purge_deleted(connection)
        purge_expired(connection)


async def collect(ctx: dict[str, Any]) -> None:
    """Delete stored files that no import refers to, if that is wanted."""
    settings: Settings = ctx["settings"]
    if settings.collect_after_days:
        min_age = timedelta(days=settings.collect_after_days)
        await collect_files(lambda: _connect(settings), ctx["storage"], min_age=min_age)


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
