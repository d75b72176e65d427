"""What an upload refers to, checked against the team's data."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ServiceUnavailable, ValidationFailed
from rollcall.imports.column_map import PropertyColumn
from rollcall.imports.options import ImportOptions
from rollcall.properties.models import ContactProperty
from rollcall.properties.queries import define_property, lock_properties
from rollcall.segments.models import Segment
from rollcall.segments.queries import live_segments, lock_segments
from rollcall.topics.models import Topic
from rollcall.topics.queries import live_topics, lock_topics


async def check_references(
    session: AsyncSession, team_id: uuid.UUID, options: ImportOptions
) -> None:
    """Check that the segments and topics of an import exist.

    Raises:
        ValidationFailed: naming the first that does not.
    """
    await lock_segments(session, team_id, options.segments)
    await lock_topics(session, team_id, options.topics)


async def without_deleted(
    session: AsyncSession, team_id: uuid.UUID, options: ImportOptions
) -> ImportOptions:
    """Return options without the segments and topics that are deleted by now."""
    of_segments = live_segments(team_id).where(Segment.id.in_(options.segments))
    of_topics = live_topics(team_id).where(Topic.id.in_(options.topics))
    segments = {each.id for each in await session.scalars(of_segments)}
    topics = {each.id for each in await session.scalars(of_topics)}
    return replace(
        options,
        segments=tuple(each for each in options.segments if each in segments),
        topics={each: said for each, said in options.topics.items() if each in topics},
    )


async def ensure_properties(
    session: AsyncSession, team_id: uuid.UUID, options: ImportOptions
) -> ImportOptions:
    """Define the mapped properties that are not defined yet; return where all are stored.

    For a dry run they only get the key under which they would be stored.

    The definitions stay locked until the import's row is committed with them: the sweep after a
    deleted property waits for the imports that were let in before.

    Raises:
        ValidationFailed: a property is defined with another type.
    """
    wanted = options.mapped().properties
    defined = await lock_properties(session, team_id, wanted)
    missing = wanted.keys() - defined.keys()
    if options.dry_run:
        known = {key: _stored(key, wanted[key], defined) for key in wanted.keys() - missing}
        unknown = {key: wanted[key].model_copy(update={"stored_as": None}) for key in missing}
        return _with_properties(options, {**unknown, **known})
    # In one order, so that two uploads at the same time cannot lock each other out.
    for key in sorted(missing):
        await define_property(session, team_id, key, wanted[key].type)
    defined |= await lock_properties(session, team_id, missing)
    stored = {key: _stored(key, mapped, defined) for key, mapped in wanted.items()}
    return _with_properties(options, stored)


def _with_properties(
    options: ImportOptions, properties: dict[str, PropertyColumn]
) -> ImportOptions:
    column_map = options.mapped().model_copy(update={"properties": properties})
    return replace(options, column_map=column_map)


def _stored(
    key: str, mapped: PropertyColumn, defined: dict[str, ContactProperty]
) -> PropertyColumn:
    if key not in defined:
        raise ServiceUnavailable(f'The property "{key}" is being changed. Try again in a moment.')
    if defined[key].type != mapped.type:
        raise ValidationFailed(
            f'Invalid `column_map`: the property "{key}" is defined as {defined[key].type},'
            f" not as {mapped.type}."
        )
    return mapped.model_copy(update={"stored_as": defined[key].stored_as})
