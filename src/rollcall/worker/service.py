"""The worker: threads that run imports, and what notifies them and the clock of the job queue."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from arq.cron import CronJob, cron
from arq.worker import Worker, func

from rollcall.config import Settings
from rollcall.imports import wake
from rollcall.imports.backlog import look_up_backlog
from rollcall.imports.running.lanes import Lanes
from rollcall.metrics.serving import serving_metrics
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import StorageError
from rollcall.sweeps.drafts import purge_expired_drafts
from rollcall.sweeps.retention import Retention, apply_retention
from rollcall.sweeps.stored_files import collect_files
from rollcall.sweeps.sweep import sweep
from rollcall.worker.last_resort import LastResort
from rollcall.worker.listener import Listener
from rollcall.worker.setup import connect_worker, prepare_process

log = structlog.get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A part of the time in which a worker has to end is for what is left to do at the very end.
LISTENER_SECONDS = 2.0
PURGE_EVERY_SECONDS = 10
COLLECT_AT_HOURS = {0, 6, 12, 18}
POLL_SECONDS = 0.1
# A purge does a bounded number of chunks; arq must never cut one off.
JOB_TIMEOUT_SECONDS = 3600


def run_worker(settings: Settings) -> None:
    """Work on imports until SIGTERM or SIGINT; then end after the current batches.

    What hangs is not waited for: after `worker_shutdown_seconds` the process ends in any case.
    """
    prepare_process(settings)
    storage = Storage(settings.storage_url)
    guard = StorageGuard(storage, lambda: connect_worker(settings))
    lanes = Lanes(
        connect=lambda: connect_worker(settings),
        storage=storage,
        large_at_once=settings.worker_concurrency,
        batch_rows=settings.batch_rows,
        lease_seconds=settings.lease_seconds,
        find_storage_problem=guard.find_problem,
        storage_patience=settings.storage_patience_seconds,
    )
    last_resort = LastResort(settings, lanes.at_work)
    listener = Listener(
        create_worker=lambda: create_worker(settings, storage, guard, lanes.wake),
        purge=lambda: _purge(settings, storage, guard),
        purge_every=PURGE_EVERY_SECONDS,
    )
    with serving_metrics(settings, lambda: look_up_backlog(settings)):
        asyncio.run(_work(listener, lanes, last_resort))


async def _work(listener: Listener, lanes: Lanes, last_resort: LastResort) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def stop(*_: object) -> None:
        # The time runs from here on, whatever this loop waits for.
        last_resort.start()
        loop.call_soon_threadsafe(stopped.set)

    for number in SIGNALS:
        signal.signal(number, stop)
    lanes.start()
    listening = asyncio.create_task(listener.listen())
    await stopped.wait()
    log.info("worker ends after the current batches")
    lanes.begin_to_stop()
    listening.cancel()
    await asyncio.wait([listening], timeout=LISTENER_SECONDS)
    await asyncio.to_thread(lanes.stop)
    # A purge that is under way is not waited for.
    last_resort.end_now(0)


def create_worker(
    settings: Settings,
    storage: Storage,
    guard: StorageGuard,
    notify: Callable[[], None] = lambda: None,
) -> Worker:
    """Return arq's worker, with every limit set on purpose: its defaults are for other jobs.

    `notify` is called for every notification. The guard is that of the whole process, which says
    once what is wrong with the storage.
    """
    return Worker(
        functions=[func(process_import, name=wake.JOB_NAME, keep_result=0)],
        cron_jobs=_cron_jobs(),
        queue_name=wake.QUEUE_NAME,
        redis_pool=wake.connect_queue(settings.redis_url),
        job_serializer=wake.serialize,
        job_deserializer=wake.deserialize,
        job_timeout=JOB_TIMEOUT_SECONDS,
        # How often an import may fail is decided by its row, not by the queue.
        max_tries=1_000_000,
        retry_jobs=True,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        health_check_interval=60,
        log_results=False,
        # Signals are heard by the worker as a whole.
        handle_signals=False,
        ctx={"settings": settings, "storage": storage, "guard": guard, "notify": notify},
    )


def _cron_jobs() -> list[CronJob]:
    return [
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
    ]


async def process_import(ctx: dict[str, Any]) -> None:
    """Have somebody look for an import at once."""
    ctx["notify"]()


async def purge(ctx: dict[str, Any]) -> None:
    """Remove what deletions have left, a bounded number of chunks a time."""
    await _purge(ctx["settings"], ctx["storage"], ctx["guard"])


async def collect(ctx: dict[str, Any]) -> None:
    """Delete what is older than it is kept, and files that nobody refers to, if that is wanted."""
    settings: Settings = ctx["settings"]
    guard: StorageGuard = ctx["guard"]
    retention = Retention.of(settings)
    if retention != Retention() and not await asyncio.to_thread(guard.find_problem):
        await apply_retention(lambda: connect_worker(settings), ctx["storage"], retention)
    if settings.collect_after_days and not await asyncio.to_thread(guard.find_problem):
        min_age = timedelta(days=settings.collect_after_days)
        await collect_files(lambda: connect_worker(settings), ctx["storage"], min_age=min_age)


async def _purge(settings: Settings, storage: Storage, guard: StorageGuard) -> None:
    try:
        await asyncio.to_thread(sweep, lambda: connect_worker(settings))
        if not await asyncio.to_thread(guard.find_problem):
            await asyncio.to_thread(purge_expired_drafts, lambda: connect_worker(settings), storage)
    except (psycopg.OperationalError, StorageError) as error:
        log.warning("purge broken off", reason=str(error).strip())
