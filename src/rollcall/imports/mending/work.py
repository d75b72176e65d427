"""Asking the child about an import's failed rows, which it is fed with a block at a time."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.config import MIB
from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.issues import FailureCode
from rollcall.imports.mending.children import Answer, ChildJob, MendChildren
from rollcall.imports.mending.layout import Layout
from rollcall.imports.mending.models import Mend, MendedRows
from rollcall.imports.mending.rows_gone import as_text
from rollcall.imports.mending.rules import Rule
from rollcall.imports.mending.store import edits_between, find_gone, find_mend
from rollcall.imports.models import ContactImport, StoredFailure

# What is made ready at once keeps other requests waiting for as long.
BLOCK_ROWS = 1000
# Somebody can wait for all of the failed rows of such a file, however they are looked at.
QUICK_BYTES, QUICK_ROWS = 8 * MIB, 10_000


@dataclass(frozen=True, kw_only=True)
class Mending:
    """An import whose failed rows are looked at, what was said of them, and what has gone."""

    found: ContactImport
    mend: Mend
    went: list[MendedRows]

    @property
    def gone_count(self) -> int:
        """The number of rows that went into other imports."""
        return sum(each.count for each in self.went)

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(self.found.dialect, self.found.column_map)

    @property
    def is_small(self) -> bool:
        """Whether all of it can be looked at while somebody waits."""
        return self.found.size <= QUICK_BYTES and self.found.failed <= QUICK_ROWS

    @property
    def survey(self) -> dict[str, Any] | None:
        """The survey, if nothing was said since."""
        return self.mend.survey if self.mend.surveyed == self.mend.changes else None

    @property
    def rules(self) -> list[Rule]:
        return [Rule.from_json(each) for each in self.mend.rules]


async def load_mending(session: AsyncSession, found: ContactImport) -> Mending:
    """Return what was said of an import's failed rows."""
    mend = await find_mend(session, found)
    return Mending(found=found, mend=mend, went=await find_gone(session, found))


class MendingWork:
    """Has the children of an API process look at failed rows."""

    def __init__(self, sessionmaker: async_sessionmaker[AsyncSession], storage_url: str):
        self.sessionmaker = sessionmaker
        self.children = MendChildren()
        self._storage_url = storage_url

    async def aclose(self) -> None:
        """End the children that wait for something to do."""
        await self.children.aclose()

    @contextlib.asynccontextmanager
    async def job(
        self,
        mending: Mending,
        what: Mapping[str, Any],
        start: Checkpoint = START,
        *,
        is_quick: bool | None = None,
    ) -> AsyncIterator[ChildJob]:
        """Have a job done while the context is open, reading the file from a place on.

        Args:
            mending: the import.
            what: `job`, and what it needs besides.
            start: the place.
            is_quick: whether it is one that is waited for; unless given, if the import is small.
        """
        found = mending.found
        order = {
            "storage_url": self._storage_url,
            "key": found.object_key,
            "size": found.size,
            "dialect": found.dialect,
            "column_map": found.column_map,
            "rules": mending.mend.rules,
            "gone": [as_text(each.rows) for each in mending.went],
            "start": [start.row, start.offset],
            **what,
        }
        quick = mending.is_small if is_quick is None else is_quick
        async with self.children.job(found.team_id, order, is_quick=quick) as job:
            yield job

    async def ask(self, mending: Mending, what: Mapping[str, Any]) -> Any:
        """Return what a job says of all failed rows at its end."""
        async with self.job(mending, what) as job:
            async for feed in self.feeds(mending):
                await job.feed(feed)
            return await job.end()

    async def write(self, mending: Mending, state: str) -> AsyncGenerator[Answer]:
        """Yield CSV of the rows that are mended, or open still; in the end what was written."""
        async with self.job(mending, {"job": "write", "state": state}) as job:
            # The header stands there whether there are rows or not.
            yield await job.feed({"rows": [], "edits": []})
            async for feed in self.feeds(mending):
                yield await job.feed(feed)
            yield Answer(await job.end())

    async def feeds(
        self, mending: Mending, after: int = 0, last: int | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the failed rows behind a row, up to another one, as a child is fed with them."""
        while True:
            async with self.sessionmaker() as session:
                feed = await read_feed(session, mending, after, last)
            if not feed["rows"]:
                return
            yield feed
            after = feed["rows"][-1][0]


async def read_feed(
    session: AsyncSession,
    mending: Mending,
    after: int,
    last: int | None = None,
    *,
    from_end: bool = False,
    only: Sequence[int] = (),
) -> dict[str, Any]:
    """Return a block of failed rows between two, in ascending order, as a child is fed with them.

    Args:
        session: with the database.
        mending: the import.
        after: the row before the first.
        last: the last one; all unless given.
        from_end: whether it is the last block of them that is wanted.
        only: the numbers of rows that alone are wanted; all unless given.
    """
    found = mending.found
    row = StoredFailure.row
    query = select(row, StoredFailure.code, StoredFailure.column).where(
        StoredFailure.team_id == found.team_id,
        StoredFailure.import_id == found.id,
        row > after,
    )
    if last is not None:
        query = query.where(row <= last)
    if only:
        query = query.where(row.in_(only))
    query = query.order_by(row.desc() if from_end else row).limit(BLOCK_ROWS)
    rows = [[each[0], _of_record(each[1], each[2])] for each in await session.execute(query)]
    if from_end:
        rows.reverse()
    edits: list[Any] = []
    if rows and mending.mend.edits:
        edits = list(await edits_between(session, found, rows[0][0], rows[-1][0]))
    return {"rows": rows, "edits": edits}


def _of_record(code: str, column: str | None) -> str | None:
    """Return the code of a failure of a record as such, which no change of a cell mends."""
    if code == FailureCode.UNTERMINATED_QUOTE:
        return code
    return code if code == FailureCode.VALUE_TOO_LONG and column is None else None
