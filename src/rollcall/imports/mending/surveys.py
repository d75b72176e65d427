"""Surveys of an import's failed rows: made once for what was said, and kept."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import structlog

from rollcall.database.deadlines import no_database_budget
from rollcall.imports.mending.store import keep_survey
from rollcall.imports.mending.work import Mending, MendingWork

log = structlog.get_logger(__name__)

Key = tuple[uuid.UUID, int]


class Surveys:
    """The surveys that one API process makes. For one event loop."""

    def __init__(self, work: MendingWork):
        self._work = work
        self._running: dict[Key, asyncio.Task[dict[str, Any]]] = {}
        self._progress: dict[Key, int] = {}

    async def get(self, mending: Mending, seconds: float) -> dict[str, Any] | None:
        """Return the survey of what was said; None where it takes longer, and goes on.

        Raises:
            StorageError, MendingBroken: it could not be made.
        """
        if mending.survey is not None:
            return mending.survey
        key = (mending.found.id, mending.mend.changes)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._make(key, mending))
            self._running[key] = task
            task.add_done_callback(lambda ended: self._forget(key, ended))
        done, _ = await asyncio.wait([task], timeout=seconds)
        if not done:
            return None
        survey = task.result()
        mending.mend.survey, mending.mend.surveyed = survey, mending.mend.changes
        return survey

    def progress(self, mending: Mending) -> int:
        """Return how many rows a survey that is being made has looked at."""
        return self._progress.get((mending.found.id, mending.mend.changes), 0)

    async def aclose(self) -> None:
        """Break off what is under way; who asks another process will have it made there."""
        for task in list(self._running.values()):
            task.cancel()
        if self._running:
            await asyncio.wait(list(self._running.values()))

    async def _make(self, key: Key, mending: Mending) -> dict[str, Any]:
        # It outlives the request that wanted it first.
        with no_database_budget():
            return await self._survey(key, mending)

    async def _survey(self, key: Key, mending: Mending) -> dict[str, Any]:
        async with self._work.job(mending, {"job": "survey"}) as job:
            async for feed in self._work.feeds(mending):
                await job.feed(feed)
                self._progress[key] = self._progress.get(key, 0) + len(feed["rows"])
            survey: dict[str, Any] = await job.end()
        async with self._work.sessionmaker() as session:
            await keep_survey(session, mending.mend, survey)
            await session.commit()
        return survey

    def _forget(self, key: Key, task: asyncio.Task[dict[str, Any]]) -> None:
        self._running.pop(key, None)
        self._progress.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("failed rows could not be surveyed", import_id=key[0], error=repr(error))
