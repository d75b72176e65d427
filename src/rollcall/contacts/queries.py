"""Finding contacts, by id or by e-mail address, and listing them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.contacts.addresses import read_address
from rollcall.contacts.models import Contact
from rollcall.contacts.schemas import ContactListed, ContactShown, TypedValue
from rollcall.errors import NotFound
from rollcall.properties.queries import find_stored
from rollcall.properties.values import PropertyType
from rollcall.segments.models import SegmentMembership
from rollcall.segments.queries import find_segment
from rollcall.web.middleware import ENCODED_SLASH
from rollcall.web.pagination import Page
from rollcall.web.wire import ListOf

LISTED = (
    Contact.id,
    Contact.email,
    Contact.first_name,
    Contact.last_name,
    Contact.created_at,
    Contact.unsubscribed,
)


class ContactNotFound(NotFound):
    """Contact not found"""


def asked_for(contact: str) -> str:
    """Return what a client wrote in the path: an id, an e-mail address, or neither."""
    return contact.replace(ENCODED_SLASH, "/")


def is_contact(team_id: uuid.UUID, contact: str) -> ColumnElement[bool]:
    """Return the condition for the contact of a path; no row meets it when it can be none."""
    text = asked_for(contact).strip()
    address = read_address(text)
    if address is not None:
        return and_(Contact.team_id == team_id, Contact.email == address)
    try:
        return and_(Contact.team_id == team_id, Contact.id == uuid.UUID(text))
    except ValueError:
        return false()


def is_member(segment_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition for a contact to be in a segment."""
    return exists().where(
        SegmentMembership.team_id == Contact.team_id,
        SegmentMembership.segment_id == segment_id,
        SegmentMembership.contact_id == Contact.id,
    )


async def find_contact(
    session: AsyncSession, condition: ColumnElement[bool], *, lock: bool = False
) -> Contact:
    """Return the contact of a condition; with `lock` it stays until the transaction ends.

    Raises:
        ContactNotFound: there is none.
    """
    query = select(Contact).where(condition)
    if lock:
        query = query.with_for_update(key_share=True, read=True)
    contact = await session.scalar(query)
    if contact is None:
        raise ContactNotFound
    return contact


async def hold_contact(session: AsyncSession, team_id: uuid.UUID, contact_id: uuid.UUID) -> Contact:
    """Return a contact that nobody else changes until the transaction ends.

    Raises:
        ContactNotFound: there is none.
    """
    query = select(Contact).where(Contact.team_id == team_id, Contact.id == contact_id)
    contact = await session.scalar(query.with_for_update(key_share=True))
    if contact is None:
        raise ContactNotFound
    return contact


async def show_contact(session: AsyncSession, contact: Contact) -> ContactShown:
    """Return a contact as it goes over the wire, with the properties that are defined now."""
    defined = await find_stored(session, contact.team_id, contact.properties)
    return ContactShown(
        **dict(ContactListed.model_validate(contact)),
        properties={
            row.key: TypedValue(
                value=contact.properties[row.stored_as], type=PropertyType(row.type)
            )
            for row in defined
        },
    )


async def list_contacts(
    session: AsyncSession, team_id: uuid.UUID, page: Page, segment_id: uuid.UUID | None = None
) -> ListOf[ContactListed]:
    """Return a page of contacts, newest first: all of them, or those in a segment.

    Raises:
        SegmentNotFound: there is no such segment.
    """
    if segment_id is None:
        query = page.select(select(*LISTED).where(Contact.team_id == team_id), Contact.id)
    else:
        await find_segment(session, team_id, segment_id)
        query = _members(team_id, segment_id, page)
    rows, has_more = page.cut((await session.execute(query)).all())
    return ListOf(has_more=has_more, data=[ContactListed.model_validate(row) for row in rows])


def _members(team_id: uuid.UUID, segment_id: uuid.UUID, page: Page) -> Select[Any]:
    # The page is cut out of the memberships' key first, so that it costs as much as it has rows.
    # Otherwise the database may walk through all contacts beside it.
    memberships = select(SegmentMembership.contact_id).where(
        SegmentMembership.team_id == team_id, SegmentMembership.segment_id == segment_id
    )
    ids = page.select(memberships, SegmentMembership.contact_id).subquery()
    is_same = and_(Contact.team_id == team_id, Contact.id == ids.c.contact_id)
    query = select(*LISTED).join_from(ids, Contact, is_same)
    return query.order_by(page.order(ids.c.contact_id))
