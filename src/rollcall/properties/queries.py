"""Defining and finding properties, and reading values by their definitions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, ValidationFailed
from rollcall.properties.models import ContactProperty
from rollcall.properties.values import PropertyType, PropertyValue, fits, is_key


class PropertyNotFound(NotFound):
    """Contact property not found"""


@dataclass(frozen=True, kw_only=True)
class PropertyChanges:
    """What becomes of a contact's properties, by the keys under which they are stored."""

    values: dict[str, PropertyValue]
    cleared: list[str]


def live_properties(team_id: uuid.UUID) -> Select[tuple[ContactProperty]]:
    """Return the query for a team's properties."""
    return select(ContactProperty).where(
        ContactProperty.team_id == team_id, ContactProperty.deleted_at.is_(None)
    )


async def find_property(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID
) -> ContactProperty:
    """Return a property.

    Raises:
        PropertyNotFound: there is none with this id.
    """
    found = await session.scalar(live_properties(team_id).where(ContactProperty.id == id_))
    if found is None:
        raise PropertyNotFound
    return found


async def define_property(
    session: AsyncSession,
    team_id: uuid.UUID,
    key: str,
    type_: PropertyType,
    fallback_value: PropertyValue | None = None,
) -> uuid.UUID | None:
    """Define a property and return its id, or None when the key is defined already.

    While contacts still hold values of a deleted property under this key, the values of the new
    one are stored under a key of their own: no client can write a colon.
    """
    for stored_as in (key, f"{key}:{uuid.uuid4().hex}"):
        statement = insert(ContactProperty).values(
            team_id=team_id,
            key=key,
            stored_as=stored_as,
            type=type_,
            fallback_value=fallback_value,
        )
        defined = await session.scalar(
            statement.on_conflict_do_nothing().returning(ContactProperty.id)
        )
        if defined is not None:
            return defined
    return None


async def lock_properties(
    session: AsyncSession, team_id: uuid.UUID, keys: Collection[str]
) -> dict[str, ContactProperty]:
    """Return those of the keys that are defined, and keep their rows in the transaction.

    The lock does not keep a property from being deleted. It keeps the sweep from looking for its
    values before the caller's are there to be found.
    """
    if not keys:
        return {}
    query = live_properties(team_id).where(ContactProperty.key.in_(keys))
    locked = await session.scalars(
        query.order_by(ContactProperty.id).with_for_update(key_share=True, read=True)
    )
    return {row.key: row for row in locked}


async def read_changes(
    session: AsyncSession, team_id: uuid.UUID, given: Mapping[str, PropertyValue | None]
) -> PropertyChanges:
    """Check what a client wants to write against the definitions, which are locked.

    Raises:
        ValidationFailed: naming a key that is not defined, or whose value is of another type.
    """
    # What is no key cannot be asked for: the database knows neither NUL nor half a surrogate pair.
    defined = await lock_properties(session, team_id, list(filter(is_key, given)))
    for key, value in given.items():
        if key not in defined:
            raise ValidationFailed(
                f'Invalid `properties` field: the property "{key[:60]}" is not defined.'
            )
        if value is not None and not fits(value, PropertyType(defined[key].type)):
            raise ValidationFailed(
                f'Invalid `properties` field: "{key}" must be a {defined[key].type}.'
            )
    return PropertyChanges(
        values={defined[key].stored_as: value for key, value in given.items() if value is not None},
        cleared=[defined[key].stored_as for key, value in given.items() if value is None],
    )


async def find_stored(
    session: AsyncSession, team_id: uuid.UUID, stored: Iterable[str]
) -> list[ContactProperty]:
    """Return the properties of the keys under which a contact holds values, in one order."""
    keys = list(stored)
    if not keys:
        return []
    query = live_properties(team_id).where(ContactProperty.stored_as.in_(keys))
    return list(await session.scalars(query.order_by(ContactProperty.id)))


async def change_fallback(
    session: AsyncSession, found: ContactProperty, value: PropertyValue | None
) -> None:
    """Give a property another fallback value, or none.

    Raises:
        ValidationFailed: the value is of another type.
    """
    check_fallback(PropertyType(found.type), value)
    found.fallback_value = value
    await session.flush()


def check_fallback(type_: PropertyType, value: Any) -> None:
    """Check that a fallback value is of the property's type.

    Raises:
        ValidationFailed: it is not.
    """
    if value is not None and not fits(value, type_):
        raise ValidationFailed(f"Invalid `fallback_value` field: it must be a {type_}.")


async def delete_property(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> None:
    """Make a property disappear from every contact.

    Its values, of which there may be millions, are left to `purge.purge_deleted`.

    Raises:
        PropertyNotFound: there is none with this id.
    """
    statement = (
        update(ContactProperty)
        .where(
            ContactProperty.team_id == team_id,
            ContactProperty.id == id_,
            ContactProperty.deleted_at.is_(None),
        )
        .values(deleted_at=func.now())
        .returning(ContactProperty.id)
    )
    if await session.scalar(statement) is None:
        raise PropertyNotFound
