"""The segments of a contact: listed, joined and left."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.contacts.queries import find_contact, is_contact
from rollcall.contacts.write import add_memberships
from rollcall.segments.models import Segment, SegmentMembership
from rollcall.segments.queries import find_segment, lock_segment
from rollcall.web.pagination import Page, fetch_page


async def list_segments_of(
    session: AsyncSession, team_id: uuid.UUID, contact_id: uuid.UUID, page: Page
) -> tuple[list[Any], bool]:
    """Return a page of the segments that a contact is in, newest segment first.

    `created_at` is when the contact came into the segment.
    """
    is_same = and_(
        Segment.team_id == SegmentMembership.team_id, Segment.id == SegmentMembership.segment_id
    )
    query = (
        select(Segment.id, Segment.name, SegmentMembership.created_at)
        .join_from(SegmentMembership, Segment, is_same)
        .where(
            SegmentMembership.team_id == team_id,
            SegmentMembership.contact_id == contact_id,
            Segment.deleted_at.is_(None),
            # Said of both sides, so that no walk through either begins anywhere else.
            *page.within(Segment.id),
        )
    )
    return await fetch_page(session, page, query, SegmentMembership.segment_id)


async def join_segment(
    session: AsyncSession, team_id: uuid.UUID, contact: str, segment_id: uuid.UUID
) -> uuid.UUID:
    """Put a contact into a segment, in which it may be already; return the contact's id.

    Raises:
        ContactNotFound, SegmentNotFound: there is none.
    """
    # Both rows are locked, so that neither can be deleted and leave a membership of nobody.
    found = await find_contact(session, is_contact(team_id, contact), lock=True)
    await lock_segment(session, team_id, segment_id)
    await add_memberships(session, team_id, found.id, [segment_id])
    return found.id


async def leave_segment(
    session: AsyncSession, team_id: uuid.UUID, contact: str, segment_id: uuid.UUID
) -> uuid.UUID:
    """Take a contact out of a segment, in which it need not have been; return the contact's id.

    Raises:
        ContactNotFound, SegmentNotFound: there is none.
    """
    found = await find_contact(session, is_contact(team_id, contact))
    await find_segment(session, team_id, segment_id)
    await session.execute(
        delete(SegmentMembership).where(
            SegmentMembership.team_id == team_id,
            SegmentMembership.segment_id == segment_id,
            SegmentMembership.contact_id == found.id,
        )
    )
    return found.id
