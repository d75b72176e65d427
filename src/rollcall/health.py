"""`/healthz`: the process is alive. `/readyz`: all that it depends on can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

log = structlog.get_logger(__name__)

CHECK_SECONDS = 3.0
router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Something cannot be reached."}})
async def readyz(request: Request) -> JSONResponse:
    """Tell whether database, Redis and storage can be reached, and which cannot."""
    state = request.app.state
    checks = {
        "database": _check_database(request),
        "redis": state.bell.ping(),
        "storage": state.storage.check(),
    }
    results = await asyncio.gather(*(_attempt(name, check) for name, check in checks.items()))
    report = dict(zip(checks, results, strict=True))
    ready = all(result == "ok" for result in results)
    body = {"status": "ok" if ready else "unavailable", "checks": report}
    return JSONResponse(body, status_code=200 if ready else 503)


async def _check_database(request: Request) -> None:
    async with request.app.state.sessionmaker() as session:
        await session.execute(text("SELECT FROM contact_imports LIMIT 0"))


async def _attempt(name: str, check: Awaitable[object]) -> str:
    try:
        await asyncio.wait_for(check, CHECK_SECONDS)
    except Exception as error:  # noqa: BLE001  (whatever it is, this dependency is not there)
        log.warning("not ready", dependency=name, error=repr(error))
        return "unreachable"
    return "ok"
