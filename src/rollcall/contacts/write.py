"""Creating, changing and ending a contact, each in one statement that concurrent ones survive."""

from __future__ import annotations

import uuid
from typing import Any

from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy import ColumnElement, Text, Update, case, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.contacts.models import Contact
from rollcall.contacts.names import forget_names, note_names
from rollcall.contacts.queries import ContactNotFound, find_contact
from rollcall.contacts.schemas import AudienceContactCreate, ContactPatch
from rollcall.errors import ServiceUnavailable, ValidationFailed
from rollcall.properties.queries import PropertyChanges, read_changes
from rollcall.segments.models import SegmentMembership
from rollcall.segments.queries import lock_segments
from rollcall.topics.queries import lock_topics

MAX_ATTEMPTS = 3


async def save_contact(
    session: AsyncSession, team_id: uuid.UUID, body: AudienceContactCreate
) -> uuid.UUID:
    """Create a contact, or update the one that has its e-mail address; return its id.

    Raises:
        ValidationFailed: naming an unknown property, segment or topic.
    """
    given = {key: value for key, value in (body.properties or {}).items() if value is not None}
    changes = await read_changes(session, team_id, given)
    topics = {choice.id: choice.subscription for choice in body.topics or ()}
    await lock_topics(session, team_id, topics)
    segments = list(dict.fromkeys(segment.id for segment in body.segments or ()))
    await lock_segments(session, team_id, segments)
    fields: dict[str, Any] = {
        name: value
        for name in ("first_name", "last_name", "unsubscribed")
        if (value := getattr(body, name)) is not None
    }
    if changes.values:
        fields["properties"] = changes.values
    if topics:
        fields["topics"] = {str(id_): choice for id_, choice in topics.items()}
    id_ = await _upsert(session, {"team_id": team_id, "email": body.email}, fields)
    await note_names(session, team_id, id_, fields)
    await add_memberships(session, team_id, id_, segments)
    return id_


async def change_contact(
    session: AsyncSession, team_id: uuid.UUID, condition: ColumnElement[bool], body: ContactPatch
) -> uuid.UUID:
    """Change the contact of a condition and return its id.

    Raises:
        ContactNotFound: there is none.
        ValidationFailed: naming an unknown property, or the e-mail address if it is taken.
        ServiceUnavailable: others were changing the same contacts all the time.
    """
    values: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("first_name", "last_name", "unsubscribed")
        if name in body.model_fields_set
    }
    if values.get("unsubscribed", False) is None:
        del values["unsubscribed"]
    if body.email is not None:
        values["email"] = body.email
    if "properties" in body.model_fields_set:
        values["properties"] = await _changed_properties(session, team_id, body)
    if not values:
        return (await find_contact(session, condition)).id
    # Asked for and not called in the CASE: a table that is distributed takes no function there
    # whose result is another every time.
    updated_at = _updated_at(values, select(func.now()).scalar_subquery())
    statement = update(Contact).where(condition).values(**values, updated_at=updated_at)
    statement = statement.returning(Contact.id)
    id_ = await (_readdress(session, statement) if body.email else session.scalar(statement))
    if id_ is None:
        raise ContactNotFound
    await note_names(session, team_id, id_, values)
    return id_


async def delete_contact(
    session: AsyncSession, team_id: uuid.UUID, condition: ColumnElement[bool]
) -> uuid.UUID | None:
    """Delete the contact of a condition and return its id, or None when there is none.

    Whoever puts a contact into a segment holds its row, so nobody adds a membership once it is
    deleted; what was added before is seen by the statement after it.
    """
    returned = (Contact.id, Contact.first_name, Contact.last_name)
    deleted = await session.execute(delete(Contact).where(condition).returning(*returned))
    row = deleted.one_or_none()
    if row is None:
        return None
    id_: uuid.UUID = row.id
    await session.execute(
        delete(SegmentMembership).where(
            SegmentMembership.team_id == team_id, SegmentMembership.contact_id == id_
        )
    )
    if row.first_name or row.last_name:
        await forget_names(session, team_id, id_, (row.first_name, row.last_name))
    return id_


async def choose_topics(session: AsyncSession, contact: Contact, choices: dict[str, str]) -> None:
    """Add a contact's choices to those it has made before."""
    added = cast(choices, JSONB)
    await session.execute(
        update(Contact)
        .where(Contact.team_id == contact.team_id, Contact.id == contact.id)
        .where(~Contact.topics.contains(added))
        .values(topics=Contact.topics.concat(added))
    )


async def drop_choices(session: AsyncSession, contact: Contact, topics: list[str]) -> None:
    """Take back what a contact has chosen for these topics: their defaults hold again."""
    await session.execute(
        update(Contact)
        .where(Contact.team_id == contact.team_id, Contact.id == contact.id)
        .values(topics=Contact.topics.op("-", return_type=JSONB())(cast(topics, ARRAY(Text))))
    )


async def add_memberships(
    session: AsyncSession, team_id: uuid.UUID, contact_id: uuid.UUID, segments: list[uuid.UUID]
) -> None:
    """Put a contact into segments. The contact and the segments have to be locked."""
    if not segments:
        return
    rows = [
        {"team_id": team_id, "segment_id": segment, "contact_id": contact_id}
        for segment in segments
    ]
    await session.execute(insert(SegmentMembership).values(rows).on_conflict_do_nothing())


async def _readdress(session: AsyncSession, statement: Update) -> uuid.UUID | None:
    """Give a contact another e-mail address.

    This waits for whoever is about to store that address: another request, or the batch of an
    import. They may in turn wait for this contact, and then the database ends one of both. Within a
    savepoint that gives way to the other and costs nothing else.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            async with session.begin_nested():
                found: uuid.UUID | None = await session.scalar(statement)
                return found
        except DBAPIError as error:
            if isinstance(error.orig, UniqueViolation):
                message = "Invalid `email` field: another contact has this e-mail address."
                raise ValidationFailed(message) from None
            if not isinstance(error.orig, DeadlockDetected):
                raise
    raise ServiceUnavailable("This contact is being changed. Try again in a moment.")


async def _upsert(session: AsyncSession, key: dict[str, Any], fields: dict[str, Any]) -> uuid.UUID:
    statement = insert(Contact).values(**key, **fields, updated_at=func.now())
    values: dict[str, Any] = {
        name: getattr(Contact, name).concat(statement.excluded[name])
        if name in {"properties", "topics"}
        else statement.excluded[name]
        for name in fields
    }
    # Written also when nothing changes, because the row has to be locked and its id returned.
    updated_at = _updated_at(values, statement.excluded.updated_at)
    statement = statement.on_conflict_do_update(
        index_elements=["team_id", "email"], set_={**values, "updated_at": updated_at}
    )
    id_ = await session.scalar(statement.returning(Contact.id))
    assert id_ is not None
    return id_


def _updated_at(values: dict[str, Any], now: Any) -> Any:
    """Return when the contact is last changed, after these values; choosing topics is no change."""
    differs = [
        getattr(Contact, name).is_distinct_from(value)
        for name, value in values.items()
        if name != "topics"
    ]
    return case((or_(*differs), now), else_=Contact.updated_at) if differs else Contact.updated_at


async def _changed_properties(
    session: AsyncSession, team_id: uuid.UUID, body: ContactPatch
) -> ColumnElement[Any]:
    if body.properties is None:
        return cast({}, JSONB)
    changes: PropertyChanges = await read_changes(session, team_id, body.properties)
    kept = Contact.properties.op("-", return_type=JSONB())(cast(changes.cleared, ARRAY(Text)))
    return kept.concat(cast(changes.values, JSONB))
