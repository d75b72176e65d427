"""`/contacts`: create, list, get, change, delete."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.contacts import queries, write
from rollcall.contacts.schemas import (
    ContactCreate,
    ContactDeleted,
    ContactListed,
    ContactPatch,
    ContactSaved,
    ContactShown,
)
from rollcall.contacts.search import (
    MAX_CHARACTERS,
    Search,
    find_position,
    read_search,
    search_contacts,
)
from rollcall.errors import ValidationFailed
from rollcall.segments.queries import lock_segments
from rollcall.web.error_answers import documented
from rollcall.web.pagination import Page, PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import ListOf, QueryId

router = team_router("/contacts", "contacts")

SearchText = Annotated[
    str | None,
    Query(
        description=(
            "Only contacts whose e-mail address, first name followed by last name, or last name"
            f" begins with this text of up to {MAX_CHARACTERS} characters, whatever its case and"
            " accents. Those found by their address come first, in the order of the addresses,"
            " then the others in that of the names. Names that a large import has just brought are"
            " found when they have been sorted, which takes some minutes; addresses are at once."
            " Excludes `segment_id` and `before`."
        )
    ),
]
ContactKey = Annotated[str, Path(description="The contact's id or its e-mail address.")]


@router.post("", status_code=201, responses=documented(400, 409))
async def create_contact(
    body: ContactCreate,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> ContactSaved:
    """Create a contact. One that has this e-mail address already gets the given values."""
    await idempotency.check(body.model_dump(mode="json"))
    audience = [] if body.audience_id is None else [body.audience_id]
    await lock_segments(session, team_id, audience, "audience_id")
    saved = ContactSaved(id=await write.save_contact(session, team_id, body))
    await write.add_memberships(session, team_id, saved.id, audience)
    return idempotency.remember(saved)


@router.get("", responses=documented(404))
async def list_contacts(
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    segment_id: Annotated[
        QueryId, Query(description="Only contacts in the segment with this id.")
    ] = None,
    search: SearchText = None,
) -> ListOf[ContactListed]:
    """List contacts, newest first; with `search` in the order of what they are found by."""
    if search is None:
        return await queries.list_contacts(session, team_id, page, _read_segment_id(segment_id))
    if segment_id is not None:
        raise ValidationFailed("Use either `search` or `segment_id`, not both.")
    return await _search(session, team_id, page, Search(text=read_search(search)))


@router.get("/{contact}", responses=documented(404))
async def get_contact(
    contact: ContactKey, team_id: CurrentTeam, session: SessionDep
) -> ContactShown:
    """Show a contact with its properties."""
    found = await queries.find_contact(session, queries.is_contact(team_id, contact))
    return await queries.show_contact(session, found)


@router.patch("/{contact}", responses=documented(400, 404))
async def update_contact(
    contact: ContactKey, body: ContactPatch, team_id: CurrentTeam, session: SessionDep
) -> ContactSaved:
    """Change a contact. What is absent stays as it is; a null clears it."""
    condition = queries.is_contact(team_id, contact)
    return ContactSaved(id=await write.change_contact(session, team_id, condition, body))


@router.delete("/{contact}")
async def delete_contact(
    contact: ContactKey, team_id: CurrentTeam, session: SessionDep
) -> ContactDeleted:
    """Delete a contact. When there is none, the answer has what was asked for."""
    id_ = await write.delete_contact(session, team_id, queries.is_contact(team_id, contact))
    text = queries.asked_for(contact) if id_ is None else str(id_)
    return ContactDeleted(contact=text, id=text)


async def _search(
    session: AsyncSession, team_id: uuid.UUID, page: Page, search: Search
) -> ListOf[ContactListed]:
    if page.before is not None:
        raise ValidationFailed("Use `after` with `search`: a search has no `before`.")
    after = None
    if page.after is not None:
        after = await find_position(session, team_id, search, page.after)
    found = await search_contacts(session, team_id, search, page.limit, after)
    rows = [ContactListed.model_validate(row) for row in found.rows]
    return ListOf(has_more=found.resume is not None, data=rows)


def _read_segment_id(value: str | None) -> uuid.UUID | None:
    if value is None:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        raise ValidationFailed("Invalid `segment_id`: it must be a valid UUID.") from None
