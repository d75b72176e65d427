"""Finding and ending topics."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, ValidationFailed
from rollcall.topics.models import Topic


class TopicNotFound(NotFound):
    """Topic not found"""


def live_topics(team_id: uuid.UUID) -> Select[tuple[Topic]]:
    """Return the query for a team's topics."""
    return select(Topic).where(Topic.team_id == team_id, Topic.deleted_at.is_(None))


async def lock_topics(
    session: AsyncSession, team_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Topic]:
    """Return all of these topics by their ids, and keep their rows in the transaction.

    The lock does not keep a topic from being deleted. It keeps the sweep from looking for choices
    before the caller's are there to be found.

    Raises:
        ValidationFailed: naming the first that does not exist.
    """
    if not ids:
        return {}
    query = live_topics(team_id).where(Topic.id.in_(ids)).order_by(Topic.id)
    locked = await session.scalars(query.with_for_update(key_share=True, read=True))
    found = {topic.id: topic for topic in locked}
    for id_ in ids:
        if id_ not in found:
            raise ValidationFailed(f"Invalid `topics`: Topic {id_} not found.")
    return found


async def delete_topic(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> None:
    """Make a topic disappear from every contact.

    Contacts' choices, of which there may be millions, are left to `purge.purge_deleted`.

    Raises:
        TopicNotFound: there is none with this id.
    """
    statement = (
        update(Topic)
        .where(Topic.team_id == team_id, Topic.id == id_, Topic.deleted_at.is_(None))
        .values(deleted_at=func.now())
        .returning(Topic.id)
    )
    if await session.scalar(statement) is None:
        raise TopicNotFound
