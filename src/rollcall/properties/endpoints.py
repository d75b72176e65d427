"""`/contact-properties`: create, list, get, change the fallback value, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.errors import ValidationFailed
from rollcall.properties import queries
from rollcall.properties.models import ContactProperty
from rollcall.properties.schemas import (
    PropertyCreate,
    PropertyCreated,
    PropertyDeleted,
    PropertyListed,
    PropertyPatch,
    PropertyShown,
)
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/contact-properties", "contact properties")

PropertyId = Annotated[IdText, Path(description="The property's id.")]


@router.post("", status_code=201, responses=documented(400, 409))
async def create_property(
    body: PropertyCreate,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> PropertyCreated:
    """Define a property that contacts may have from now on."""
    await idempotency.check(body.model_dump(mode="json"))
    queries.check_fallback(body.type, body.fallback_value)
    id_ = await queries.define_property(session, team_id, body.key, body.type, body.fallback_value)
    if id_ is None:
        raise ValidationFailed(f'Invalid `key` field: the property "{body.key}" already exists.')
    return idempotency.remember(PropertyCreated(id=id_))


@router.get("")
async def list_properties(
    team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[PropertyListed]:
    """List properties, newest first."""
    query = queries.live_properties(team_id)
    rows, has_more = await fetch_page(session, page, query, ContactProperty.id)
    return ListOf(has_more=has_more, data=[PropertyListed.model_validate(row) for (row,) in rows])


@router.get("/{property_id}", responses=documented(404))
async def get_property(
    property_id: PropertyId, team_id: CurrentTeam, session: SessionDep
) -> PropertyShown:
    """Show a property."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    return PropertyShown.model_validate(found)


@router.patch("/{property_id}", responses=documented(400, 404))
async def update_property(
    property_id: PropertyId, body: PropertyPatch, team_id: CurrentTeam, session: SessionDep
) -> PropertyShown:
    """Change a property's fallback value. Its key and its type are for good."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    if "fallback_value" in body.model_fields_set:
        await queries.change_fallback(session, found, body.fallback_value)
    return PropertyShown.model_validate(found)


@router.delete("/{property_id}", responses=documented(404))
async def delete_property(
    property_id: PropertyId, team_id: CurrentTeam, session: SessionDep
) -> PropertyDeleted:
    """Delete a property; it is gone from every contact at once."""
    id_ = parse_id(property_id, "id")
    await queries.delete_property(session, team_id, id_)
    return PropertyDeleted(id=id_)
