"""Contacts → CSV: page after page by their ids, so that neither memory nor a transaction grows.

A page is a query of its own, and while a client takes its time no connection is held. So the file
is no picture of one moment: a contact that is changed meanwhile is as it was when its page was
read, and one that is new comes at the end.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.contacts.models import Contact
from rollcall.database.deadlines import database_budget
from rollcall.formulas import neutralise
from rollcall.properties.queries import live_properties
from rollcall.segments.models import Segment, SegmentMembership
from rollcall.topics.queries import live_topics
from rollcall.topics.subscriptions import Subscription
from rollcall.web.wire import render_timestamp

# What is made ready at once keeps other requests waiting for as long.
PAGE_ROWS = 500
PAGE_SECONDS = 8.0
# Spreadsheets take a file for UTF-8 only if it says so.
BOM = "\ufeff"
FIRST = ("email", "first_name", "last_name", "unsubscribed")
LAST = ("segments", "topics", "id", "created_at", "updated_at")
BETWEEN = "; "
BEFORE_ALL = uuid.UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class TopicFilter:
    """Only contacts for whom this holds: their own choice, or else the topic's default."""

    topic_id: uuid.UUID
    default: str
    subscription: Subscription


@dataclass(frozen=True, kw_only=True)
class ExportFilter:
    """Which contacts are wanted; None is no condition."""

    segment_id: uuid.UUID | None = None
    unsubscribed: bool | None = None
    topic: TopicFilter | None = None

    def takes(self, row: Any) -> bool:
        """Tell whether a contact is wanted, of those in the segment."""
        if self.unsubscribed is not None and row.unsubscribed != self.unsubscribed:
            return False
        if self.topic is None:
            return True
        choice = row.topics.get(str(self.topic.topic_id), self.topic.default)
        return bool(choice == self.topic.subscription)


@dataclass(frozen=True, kw_only=True)
class ContactExport:
    """A file of a team's contacts, in the order in which they were created.

    Args:
        sessionmaker: makes sessions that only read.
        team_id: the team.
        wanted: which of them.
    """

    sessionmaker: async_sessionmaker[AsyncSession]
    team_id: uuid.UUID
    wanted: ExportFilter

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield the file, a page of contacts at a time."""
        with database_budget(PAGE_SECONDS):
            async with self.sessionmaker() as session:
                table = await _Table.read(session, self.team_id)
        yield table.header()
        after: uuid.UUID | None = BEFORE_ALL
        while after is not None:
            with database_budget(PAGE_SECONDS):
                async with self.sessionmaker() as session:
                    page = (await session.execute(self._page(after))).all()
                    rows = [row for row in page if self.wanted.takes(row)]
                    segments = await self._segments([row.id for row in rows], session)
            if block := table.lines(rows, segments):
                yield block
            after = page[-1].id if len(page) == PAGE_ROWS else None

    def _page(self, after: uuid.UUID) -> Select[Any]:
        """Return the query of the contacts behind one, before anything but the segment is asked.

        So a page costs as much as it has rows, however few contacts meet the other conditions.
        """
        if self.wanted.segment_id is None:
            query = select(*Contact.__table__.columns).where(
                Contact.team_id == self.team_id, Contact.id > after
            )
            return query.order_by(Contact.id).limit(PAGE_ROWS)
        members = (
            select(SegmentMembership.contact_id)
            .where(
                SegmentMembership.team_id == self.team_id,
                SegmentMembership.segment_id == self.wanted.segment_id,
                SegmentMembership.contact_id > after,
            )
            .order_by(SegmentMembership.contact_id)
            .limit(PAGE_ROWS)
            .subquery()
        )
        is_same = and_(Contact.team_id == self.team_id, Contact.id == members.c.contact_id)
        query = select(*Contact.__table__.columns).join_from(members, Contact, is_same)
        return query.order_by(members.c.contact_id)

    async def _segments(
        self, ids: Sequence[uuid.UUID], session: AsyncSession
    ) -> dict[uuid.UUID, list[str]]:
        """Return the names of the segments that each contact is in."""
        found: dict[uuid.UUID, list[str]] = defaultdict(list)
        if not ids:
            return found
        is_same = and_(
            Segment.team_id == SegmentMembership.team_id, Segment.id == SegmentMembership.segment_id
        )
        query = (
            select(SegmentMembership.contact_id, Segment.name)
            .join_from(SegmentMembership, Segment, is_same)
            .where(
                SegmentMembership.team_id == self.team_id,
                SegmentMembership.contact_id.in_(ids),
                Segment.deleted_at.is_(None),
            )
            .order_by(Segment.name)
        )
        for contact_id, name in await session.execute(query):
            found[contact_id].append(name)
        return found


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The columns of a file: properties by the keys under which they are stored, and topics."""

    properties: dict[str, str]
    topics: dict[str, str]

    @classmethod
    async def read(cls, session: AsyncSession, team_id: uuid.UUID) -> _Table:
        """Find out what a team's contacts can have now."""
        defined = list(await session.scalars(live_properties(team_id)))
        topics = await session.scalars(live_topics(team_id))
        return cls(
            properties={row.stored_as: row.key for row in sorted(defined, key=lambda row: row.key)},
            topics={str(row.id): row.name for row in topics},
        )

    def header(self) -> bytes:
        """Return the first line. No name is twice in it: no key of a property has a dot."""
        taken = {*FIRST, *LAST}
        keys = [f"properties.{key}" if key in taken else key for key in self.properties.values()]
        return BOM.encode() + _csv([[*FIRST, *keys, *LAST]])

    def lines(self, rows: Sequence[Any], segments: dict[uuid.UUID, list[str]]) -> bytes:
        """Return a line for each contact."""
        return _csv([self._cells(row, segments[row.id]) for row in rows])

    def _cells(self, row: Any, segments: list[str]) -> list[str]:
        choices = [
            f"{name}: {row.topics[id_]}" for id_, name in self.topics.items() if id_ in row.topics
        ]
        return [
            *map(_text, (row.email, row.first_name, row.last_name, row.unsubscribed)),
            *(_text(row.properties.get(key)) for key in self.properties),
            *map(_text, (BETWEEN.join(segments), BETWEEN.join(choices), str(row.id))),
            render_timestamp(row.created_at),
            render_timestamp(row.updated_at),
        ]


def _text(value: object) -> str:
    """Return a value as an import reads it; a text that looks like a formula is made harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return neutralise(value) if isinstance(value, str) else str(value)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
