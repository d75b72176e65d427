"""Making, finding and ending segments."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import TypedReturnsRows

from rollcall.errors import NotFound, ValidationFailed
from rollcall.segments.models import Segment, SegmentMembership
from rollcall.web.pagination import Page, fetch_page


class SegmentNotFound(NotFound):
    """Segment not found"""


async def create_segment(session: AsyncSession, team_id: uuid.UUID, name: str) -> Segment:
    """Add a segment, without a commit."""
    segment = Segment(team_id=team_id, name=name)
    session.add(segment)
    await session.flush()
    return segment


async def list_segments(
    session: AsyncSession, team_id: uuid.UUID, page: Page
) -> tuple[list[Segment], bool]:
    """Return a page of segments, and whether there are more."""
    rows, has_more = await fetch_page(session, page, live_segments(team_id), Segment.id)
    return [row for (row,) in rows], has_more


async def find_segment(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> Segment:
    """Return a segment.

    Raises:
        SegmentNotFound: there is none with this id.
    """
    return await _found(session, live_segments(team_id).where(Segment.id == id_))


async def lock_segment(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> Segment:
    """Return a segment whose row stays until the transaction ends, even if it is deleted now.

    Raises:
        SegmentNotFound: there is none with this id.
    """
    query = live_segments(team_id).where(Segment.id == id_)
    return await _found(session, query.with_for_update(key_share=True, read=True))


async def lock_segments(
    session: AsyncSession,
    team_id: uuid.UUID,
    ids: Collection[uuid.UUID],
    field: str = "segments",
) -> None:
    """Keep the rows of all of these segments until the transaction ends.

    Raises:
        ValidationFailed: naming the first that does not exist, and the field that it stands in.
    """
    if not ids:
        return
    query = live_segments(team_id).where(Segment.id.in_(ids)).order_by(Segment.id)
    locked = await session.scalars(query.with_for_update(key_share=True, read=True))
    found = {segment.id for segment in locked}
    for id_ in ids:
        if id_ not in found:
            raise ValidationFailed(f"Invalid `{field}`: Segment {id_} not found.")


async def count_members(
    session: AsyncSession, team_id: uuid.UUID, ids: Collection[uuid.UUID], most: int
) -> dict[uuid.UUID, int]:
    """Return how many contacts are in each of these segments, counted up to `most`."""
    if not ids:
        return {}
    members = (
        select(SegmentMembership.contact_id)
        .where(
            SegmentMembership.team_id == team_id,
            SegmentMembership.segment_id == Segment.id,
        )
        .limit(most)
        .correlate(Segment)
        .subquery()
        .lateral()
    )
    counted = select(func.count()).select_from(members).scalar_subquery()
    rows = await session.execute(
        select(Segment.id, counted).where(Segment.team_id == team_id, Segment.id.in_(ids))
    )
    return dict(rows.tuples().all())


async def rename_segment(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID, name: str
) -> Segment:
    """Give a segment another name.

    Raises:
        SegmentNotFound: there is none with this id.
    """
    statement = (
        update(Segment)
        .where(Segment.team_id == team_id, Segment.id == id_, Segment.deleted_at.is_(None))
        .values(name=name)
        .returning(Segment)
    )
    return await _found(session, statement)


async def delete_segment(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> None:
    """Make a segment, if there is one with this id, disappear for everybody.

    Its memberships, of which there may be millions, are left to `purge.purge_deleted`.
    """
    await session.execute(
        update(Segment)
        .where(Segment.team_id == team_id, Segment.id == id_, Segment.deleted_at.is_(None))
        .values(deleted_at=func.now())
    )


async def _found(session: AsyncSession, statement: TypedReturnsRows[tuple[Segment]]) -> Segment:
    segment = await session.scalar(statement)
    if segment is None:
        raise SegmentNotFound
    return segment


def live_segments(team_id: uuid.UUID) -> Select[tuple[Segment]]:
    """Return the query for a team's segments."""
    return select(Segment).where(Segment.team_id == team_id, Segment.deleted_at.is_(None))
