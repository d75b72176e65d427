"""`/audiences`: segments under the older name, and the contacts in them.

All of it is deprecated in favour of `/segments` and `/contacts`.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Path
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.audiences.schemas import (
    AudienceContactDeleted,
    AudienceDeleted,
    AudienceNamed,
    AudienceShown,
)
from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.contacts import queries as contacts
from rollcall.contacts import write
from rollcall.contacts.endpoints import ContactKey
from rollcall.contacts.models import Contact
from rollcall.contacts.schemas import (
    AudienceContactCreate,
    ContactListed,
    ContactPatch,
    ContactSaved,
    ContactShown,
)
from rollcall.segments import queries as segments
from rollcall.segments.models import SegmentMembership
from rollcall.segments.schemas import SegmentListed, SegmentName
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/audiences", "audiences")
router.deprecated = True

AudienceId = Annotated[IdText, Path(description="The segment's id.")]


@router.post("", status_code=201, responses=documented(400, 409))
async def create_audience(
    body: SegmentName,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> AudienceNamed:
    """Create a segment."""
    await idempotency.check(body.model_dump(mode="json"))
    segment = await segments.create_segment(session, team_id, body.name)
    return idempotency.remember(AudienceNamed.model_validate(segment, from_attributes=True))


@router.get("")
async def list_audiences(
    team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[SegmentListed]:
    """List segments, newest first."""
    found, has_more = await segments.list_segments(session, team_id, page)
    return ListOf(has_more=has_more, data=[SegmentListed.model_validate(row) for row in found])


@router.get("/{audience_id}", responses=documented(404))
async def get_audience(
    audience_id: AudienceId, team_id: CurrentTeam, session: SessionDep
) -> AudienceShown:
    """Show a segment."""
    segment = await segments.find_segment(session, team_id, parse_id(audience_id, "id"))
    return AudienceShown.model_validate(segment)


@router.patch("/{audience_id}", responses=documented(400, 404))
async def rename_audience(
    audience_id: AudienceId, body: SegmentName, team_id: CurrentTeam, session: SessionDep
) -> AudienceNamed:
    """Give a segment another name."""
    id_ = parse_id(audience_id, "id")
    segment = await segments.rename_segment(session, team_id, id_, body.name)
    return AudienceNamed.model_validate(segment)


@router.delete("/{audience_id}")
async def delete_audience(
    audience_id: AudienceId, team_id: CurrentTeam, session: SessionDep
) -> AudienceDeleted:
    """Delete a segment; its contacts stay. The answer is the same when there is none."""
    id_ = parse_id(audience_id, "id")
    await segments.delete_segment(session, team_id, id_)
    return AudienceDeleted(id=id_)


@router.post("/{audience_id}/contacts", status_code=201, responses=documented(400, 404, 409))
async def create_audience_contact(
    audience_id: AudienceId,
    body: AudienceContactCreate,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> ContactSaved:
    """Create or update a contact, and put it into the segment."""
    await idempotency.check(body.model_dump(mode="json"))
    id_ = parse_id(audience_id, "audience_id")
    await segments.lock_segment(session, team_id, id_)
    contact_id = await write.save_contact(session, team_id, body)
    await write.add_memberships(session, team_id, contact_id, [id_])
    return idempotency.remember(ContactSaved(id=contact_id))


@router.get("/{audience_id}/contacts", responses=documented(404))
async def list_audience_contacts(
    audience_id: AudienceId, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[ContactListed]:
    """List the contacts of a segment, newest contact first."""
    id_ = parse_id(audience_id, "audience_id")
    return await contacts.list_contacts(session, team_id, page, id_)


@router.get("/{audience_id}/contacts/{contact}", responses=documented(404))
async def get_audience_contact(
    audience_id: AudienceId, contact: ContactKey, team_id: CurrentTeam, session: SessionDep
) -> ContactShown:
    """Show a contact of the segment."""
    condition = await _in_audience(session, team_id, audience_id, contact)
    return await contacts.show_contact(session, await contacts.find_contact(session, condition))


@router.patch("/{audience_id}/contacts/{contact}", responses=documented(400, 404))
async def update_audience_contact(
    audience_id: AudienceId,
    contact: ContactKey,
    body: ContactPatch,
    team_id: CurrentTeam,
    session: SessionDep,
) -> ContactSaved:
    """Change a contact of the segment."""
    condition = await _in_audience(session, team_id, audience_id, contact)
    return ContactSaved(id=await write.change_contact(session, team_id, condition, body))


@router.delete("/{audience_id}/contacts/{contact}")
async def delete_audience_contact(
    audience_id: AudienceId, contact: ContactKey, team_id: CurrentTeam, session: SessionDep
) -> AudienceContactDeleted:
    """Take a contact out of the segment, and leave it a contact.

    It need not have been in it, and the segment need not be there any more.
    """
    id_ = parse_id(audience_id, "audience_id")
    found = select(Contact.id).where(contacts.is_contact(team_id, contact))
    await session.execute(
        delete(SegmentMembership).where(
            SegmentMembership.team_id == team_id,
            SegmentMembership.segment_id == id_,
            SegmentMembership.contact_id.in_(found),
        )
    )
    return AudienceContactDeleted(contact=contacts.asked_for(contact))


async def _in_audience(
    session: AsyncSession, team_id: uuid.UUID, audience_id: str, contact: str
) -> ColumnElement[bool]:
    """Return the condition for a contact in a segment that exists."""
    id_ = parse_id(audience_id, "audience_id")
    await segments.find_segment(session, team_id, id_)
    return and_(contacts.is_contact(team_id, contact), contacts.is_member(id_))
