"""When a key was last used, kept without a write per request and without making one wait."""

from __future__ import annotations

import asyncio
import contextvars
import uuid

import structlog
from sqlalchemy import func, or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.auth.keys import USAGE_PRECISION, FoundKey
from rollcall.auth.models import ApiKey
from rollcall.web.unavailable import log_failure

log = structlog.get_logger(__name__)


class KeyUsage:
    """Writes `last_used_at` in the background, at most once per key and minute."""

    def __init__(self, sessionmaker: async_sessionmaker[AsyncSession]):
        self._sessionmaker = sessionmaker
        self._writing: dict[uuid.UUID, asyncio.Task[None]] = {}

    def note(self, key: FoundKey) -> None:
        """Remember that a key is used now. Returns at once."""
        if key.is_used_recently or key.id in self._writing:
            return
        # Neither the request's time for the database nor its log is meant.
        self._writing[key.id] = asyncio.create_task(
            self._write(key.team_id, key.id), context=contextvars.Context()
        )

    async def aclose(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing.values())

    async def _write(self, team_id: uuid.UUID, key_id: uuid.UUID) -> None:
        # The condition is the database's, because other processes write the same row.
        is_old = or_(
            ApiKey.last_used_at.is_(None), ApiKey.last_used_at < func.now() - USAGE_PRECISION
        )
        statement = (
            update(ApiKey)
            .where(ApiKey.team_id == team_id, ApiKey.id == key_id, is_old)
            .values(last_used_at=func.now())
        )
        try:
            async with self._sessionmaker() as session, session.begin():
                await session.execute(statement)
        except (SQLAlchemyError, OSError) as error:
            log_failure(log, "last use of a key not written", error, key_id=str(key_id))
        finally:
            del self._writing[key_id]
