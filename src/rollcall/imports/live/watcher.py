"""Imports that clients watch: one query at a time for all of them, however many watch."""

from __future__ import annotations

import asyncio
import contextvars
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy import ARRAY, BigInteger, Select, Uuid, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import ContactImport
from rollcall.imports.schemas import ImportShown, show_import
from rollcall.web.unavailable import log_failure

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
Key = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, kw_only=True)
class ImportState:
    """An import as a client sees it; `revision` grows with every change."""

    revision: int
    shown: ImportShown

    @classmethod
    def of(cls, row: ContactImport) -> ImportState:
        """Return the state of a row."""
        return cls(revision=row.revision, shown=show_import(row))

    @property
    def is_final(self) -> bool:
        return self.shown.status in (ImportStatus.COMPLETED, ImportStatus.FAILED)


@dataclass(eq=False)
class Watched:
    """An import that somebody watches. Only its newest state is kept."""

    state: ImportState
    watchers: int = 0
    is_closed: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for_change(self, seen: ImportState, seconds: float) -> None:
        """Return when the state is another than `seen`, the watcher is closed, or time is up."""
        if self.state == seen and not self.is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()

    def change(self, state: ImportState) -> None:
        """Wake everybody for a state, unless it is known or old."""
        if state.revision >= self.state.revision and state != self.state:
            self.state = state
            self._wake()

    def close(self) -> None:
        """Wake everybody for good."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Watcher:
    """Looks at all watched imports of a process, twice a second and while there are any.

    LISTEN would need a connection that a pooler such as pgbouncer does not give, and this costs one
    query whether one client watches or a thousand. While the database is away, states stay as they
    are.
    """

    def __init__(self, sessionmaker: async_sessionmaker[AsyncSession]):
        self._sessionmaker = sessionmaker
        self._watched: dict[Key, Watched] = {}
        self._polling: asyncio.Task[None] | None = None
        self._is_closed = False
        self._is_blind = False

    @contextmanager
    def watch(self, row: ContactImport) -> Iterator[Watched]:
        """Keep an import watched; `row` is what is known of it."""
        key = (row.team_id, row.id)
        state = ImportState.of(row)
        watched = self._watched.setdefault(key, Watched(state, is_closed=self._is_closed))
        watched.change(state)
        watched.watchers += 1
        self._start_polling()
        try:
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                del self._watched[key]

    def close(self) -> None:
        """Let everybody go who watches, now and from now on."""
        self._is_closed = True
        for watched in self._watched.values():
            watched.close()

    async def aclose(self) -> None:
        """Let everybody go, and stop looking."""
        self.close()
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait([self._polling])

    def _start_polling(self) -> None:
        if self._polling is None or self._polling.done():
            # What it logs is not about the request that happens to be the first to watch.
            self._polling = asyncio.create_task(self._poll(), context=contextvars.Context())

    async def _poll(self) -> None:
        while self._watched and not self._is_closed:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._look()
                self._is_blind = False
            except Exception as error:  # noqa: BLE001  (it is logged)
                # Those who watch are not sent away for it; the next look may succeed.
                if not self._is_blind:
                    log_failure(log, "watched imports cannot be read", error)
                self._is_blind = True

    async def _look(self) -> None:
        unfinished = {
            key: watched.state.revision
            for key, watched in self._watched.items()
            if not watched.state.is_final
        }
        if not unfinished:
            return
        async with self._sessionmaker() as session:
            rows = (await session.scalars(_possibly_changed(unfinished))).all()
        for row in rows:
            watched = self._watched.get((row.team_id, row.id))
            if watched is not None:
                watched.change(ImportState.of(row))


def _possibly_changed(revisions: dict[Key, int]) -> Select[tuple[ContactImport]]:
    """Select the imports that have another revision, and those at work, whose speed has an age."""
    known = (
        func.unnest(
            literal([team_id for team_id, _ in revisions], ARRAY(Uuid)),
            literal([import_id for _, import_id in revisions], ARRAY(Uuid)),
            literal(list(revisions.values()), ARRAY(BigInteger)),
        )
        .table_valued("team_id", "id", "revision")
        .render_derived()
    )
    return select(ContactImport).join(
        known,
        and_(
            ContactImport.team_id == known.c.team_id,
            ContactImport.id == known.c.id,
            or_(
                ContactImport.revision != known.c.revision,
                ContactImport.status == ImportStatus.IN_PROGRESS,
            ),
        ),
    )
