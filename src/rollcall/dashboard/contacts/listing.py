"""Which contacts a list shows: all, those of a segment, those that a search finds, by their state.

Without a search the newest come first. A state, or a search within a segment, is looked for among
so many contacts at a time; where these are not enough for a page, the reader goes on from there.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.contacts.queries import list_contacts
from rollcall.contacts.search import Position, Search, may_miss_names, read_search, search_contacts
from rollcall.dashboard.frame.paths import path
from rollcall.web.pagination import Page

PAGE = 50
# Contacts that are looked at for one page, and in one statement.
PATIENCE = 5_000
STEP = 500
STATES = {"subscribed": False, "unsubscribed": True}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is asked for, as its address has it."""

    search: str = ""
    segment_id: uuid.UUID | None = None
    state: str = ""

    @property
    def is_any(self) -> bool:
        """Tell whether not all contacts are wanted."""
        return bool(self.search or self.segment_id or self.state)

    @property
    def unsubscribed(self) -> bool | None:
        """Return whether those are wanted who have unsubscribed, or the others."""
        return STATES.get(self.state)

    def address(self, request: Request, **place: str | uuid.UUID) -> str:
        """Return the address of a page of this list."""
        given = {"search": self.search, "segment_id": self.segment_id, "state": self.state, **place}
        query = urlencode({name: value for name, value in given.items() if value})
        return path(request, "/contacts") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins, or ends, as its address has it; empty at the list's."""

    after: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of contacts, and the addresses of its neighbours.

    `is_cut` tells of a page for which not enough contacts were found before patience ended;
    `may_miss_names`, of a search while names wait to be sorted.
    """

    rows: list[Any]
    first: str | None = None
    newer: str | None = None
    older: str | None = None
    is_cut: bool = False
    may_miss_names: bool = False


async def list_page(
    request: Request, session: AsyncSession, team_id: uuid.UUID, filters: Filters, place: Place
) -> Listed:
    """Return the page of a list that begins or ends at a place.

    Raises:
        ValidationFailed: what is searched for, or the place in the list, is none.
        SegmentNotFound: there is no such segment.
    """
    after, before = place.after or None, place.before or None
    if filters.search:
        listed = await _search(session, team_id, filters, after)
    elif filters.unsubscribed is not None:
        listed = await _look_through(session, team_id, filters, after)
    else:
        listed = await _list(session, team_id, filters, after, before)
    return Listed(
        rows=listed.rows,
        first=filters.address(request) if after and not listed.newer else None,
        newer=filters.address(request, before=listed.newer) if listed.newer else None,
        older=filters.address(request, after=listed.older) if listed.older else None,
        is_cut=listed.is_cut,
        may_miss_names=listed.may_miss_names,
    )


async def _search(
    session: AsyncSession, team_id: uuid.UUID, filters: Filters, after: str | None
) -> Listed:
    search = Search(
        text=read_search(filters.search),
        unsubscribed=filters.unsubscribed,
        segment_id=filters.segment_id,
    )
    position = Position.read(after) if after else None
    found = await search_contacts(session, team_id, search, PAGE, position, patience=PATIENCE)
    older = found.resume.write() if found.resume else None
    return Listed(
        rows=found.rows,
        older=older,
        is_cut=older is not None and len(found.rows) < PAGE,
        may_miss_names=await may_miss_names(session, team_id),
    )


async def _look_through(
    session: AsyncSession, team_id: uuid.UUID, filters: Filters, after: str | None
) -> Listed:
    """Return those contacts of all, or of a segment, that have or have not unsubscribed."""
    page = Page(limit=STEP, after=uuid.UUID(after) if after else None)
    rows: list[Any] = []
    for _ in range(PATIENCE // STEP):
        listed = await list_contacts(session, team_id, page, filters.segment_id)
        for row in listed.data:
            if row.unsubscribed is not filters.unsubscribed:
                continue
            if len(rows) == PAGE:
                return Listed(rows=rows, older=str(rows[-1].id))
            rows.append(row)
        if not listed.has_more:
            return Listed(rows=rows)
        page = replace(page, after=listed.data[-1].id)
    return Listed(rows=rows, older=str(page.after), is_cut=len(rows) < PAGE)


async def _list(
    session: AsyncSession,
    team_id: uuid.UUID,
    filters: Filters,
    after: str | None,
    before: str | None,
) -> Listed:
    page = Page(
        limit=PAGE,
        after=uuid.UUID(after) if after else None,
        before=uuid.UUID(before) if before and not after else None,
    )
    listed = await list_contacts(session, team_id, page, filters.segment_id)
    rows: list[Any] = listed.data
    if not rows:
        return Listed(rows=rows)
    has_older = page.before is not None or listed.has_more
    has_newer = page.after is not None or (page.before is not None and listed.has_more)
    return Listed(
        rows=rows,
        newer=str(rows[0].id) if has_newer else None,
        older=str(rows[-1].id) if has_older else None,
    )
