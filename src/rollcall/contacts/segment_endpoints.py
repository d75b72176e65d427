"""`/contacts/{…}/segments`: the segments of a contact; `/segments/{…}/contacts`: the other way."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.contacts.endpoints import ContactKey
from rollcall.contacts.memberships import join_segment, leave_segment, list_segments_of
from rollcall.contacts.queries import find_contact, is_contact, list_contacts
from rollcall.contacts.schemas import ContactListed, ContactSegment, ContactSegmentDeleted
from rollcall.segments.schemas import SegmentListed
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/contacts/{contact}/segments", "contact segments")
members = team_router("/segments/{segment_id}/contacts", "segments")

SegmentId = Annotated[IdText, Path(description="The segment's id.")]


@router.get("", responses=documented(404))
async def list_segments_of_contact(
    contact: ContactKey, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[SegmentListed]:
    """List the segments that a contact is in, newest segment first.

    `created_at` is when the contact came into the segment.
    """
    found = await find_contact(session, is_contact(team_id, contact))
    rows, has_more = await list_segments_of(session, team_id, found.id, page)
    return ListOf(has_more=has_more, data=[SegmentListed.model_validate(row) for row in rows])


@router.post("/{segment_id}", responses=documented(404))
async def add_to_segment(
    contact: ContactKey, segment_id: SegmentId, team_id: CurrentTeam, session: SessionDep
) -> ContactSegment:
    """Put a contact into a segment. It may be in it already."""
    id_ = parse_id(segment_id, "segment_id")
    contact_id = await join_segment(session, team_id, contact, id_)
    return ContactSegment(id=id_, contact_id=contact_id, segment_id=id_)


@router.delete("/{segment_id}", responses=documented(404))
async def remove_from_segment(
    contact: ContactKey, segment_id: SegmentId, team_id: CurrentTeam, session: SessionDep
) -> ContactSegmentDeleted:
    """Take a contact out of a segment. It need not have been in it."""
    id_ = parse_id(segment_id, "segment_id")
    contact_id = await leave_segment(session, team_id, contact, id_)
    return ContactSegmentDeleted(id=id_, contact_id=contact_id, segment_id=id_)


@members.get("", responses=documented(404))
async def list_segment_contacts(
    segment_id: SegmentId, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[ContactListed]:
    """List the contacts of a segment, newest contact first."""
    return await list_contacts(session, team_id, page, parse_id(segment_id, "id"))
