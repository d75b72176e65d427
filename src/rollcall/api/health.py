"""`/healthz`: the process is alive. `/readyz`: what requests need can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from rollcall.database.bounded_connection import Connector
from rollcall.database.heartbeat import count_workers
from rollcall.storage.stored_file import StorageNotSetUp

log = structlog.get_logger(__name__)

# All are looked at at the same time, so that the answer is there within two seconds.
CHECK_SECONDS = 1.5
# Without Redis no worker is notified and no request is counted, but every request is served.
DISPENSABLE = {"redis"}
router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Database or storage cannot be reached."}})
async def readyz(request: Request) -> JSONResponse:
    """Tell whether database, Redis and storage can be reached, and which cannot.

    The status is `ok`, `degraded` (200: only what requests can do without is away) or
    `unavailable` (503). `workers` says how many are alive, null when the database does not: none of
    them is needed to take requests.
    """
    state = request.app.state
    workers: list[int] = []
    checks = {
        "database": _check_database(state.connector, workers),
        "redis": state.notifier.check(),
        "storage": state.storage_guard.require(),
    }
    results = await asyncio.gather(*(_attempt(name, check) for name, check in checks.items()))
    report = dict(zip(checks, results, strict=True))
    away = {name for name, result in report.items() if result != "ok"}
    status = "ok" if not away else "degraded" if away <= DISPENSABLE else "unavailable"
    body = {"status": status, "checks": report, "workers": workers[0] if workers else None}
    return JSONResponse(body, status_code=503 if status == "unavailable" else 200)


async def _check_database(connector: Connector, workers: list[int]) -> None:
    """Raise when the database cannot be reached, or has no tables; if not, count the workers.

    By a connection of its own: that those of the pool are all in use is no reason to send requests
    elsewhere, and neither is a lock on a table.
    """
    connection = await connector.connect()
    try:
        cursor = await connection.execute("SELECT to_regclass('contact_imports') IS NOT NULL")
        if await cursor.fetchone() != (True,):
            raise LookupError("the database has no tables; run `rollcall migrate`")
        workers.append(await count_workers(connection))
    finally:
        await connection.close()


async def _attempt(name: str, check: Coroutine[Any, Any, object]) -> str:
    task = asyncio.create_task(check)
    # The answer is due also when what is given up takes its time to end.
    done, _ = await asyncio.wait([task], timeout=CHECK_SECONDS)
    if not done:
        task.add_done_callback(_forget)
        task.cancel()
        log.warning("not ready", dependency=name, error=f"no answer within {CHECK_SECONDS} s")
        return "unreachable"
    error = task.exception()
    if isinstance(error, StorageNotSetUp):
        return error.reason
    if error:
        log.warning("not ready", dependency=name, error=repr(error))
        return "unreachable"
    return "ok"


def _forget(task: asyncio.Task[object]) -> None:
    if not task.cancelled():
        task.exception()
