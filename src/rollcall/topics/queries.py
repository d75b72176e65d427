"""Finding and ending topics."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, ValidationFailed
from rollcall.topics.models import Topic
from rollcall.topics.schemas import TopicCreate, TopicPatch


class TopicNotFound(NotFound):
    """Topic not found"""


def live_topics(team_id: uuid.UUID) -> Select[tuple[Topic]]:
    """Return the query for a team's topics."""
    return select(Topic).where(Topic.team_id == team_id, Topic.deleted_at.is_(None))


async def create_topic(session: AsyncSession, team_id: uuid.UUID, given: TopicCreate) -> Topic:
    """Add a topic, without a commit."""
    topic = Topic(team_id=team_id, **given.model_dump())
    session.add(topic)
    await session.flush()
    return topic


async def find_topic(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> Topic:
    """Return a topic.

    Raises:
        TopicNotFound: there is none with this id.
    """
    topic = await session.scalar(live_topics(team_id).where(Topic.id == id_))
    if topic is None:
        raise TopicNotFound
    return topic


async def change_topic(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID, changes: TopicPatch
) -> Topic:
    """Change what is given of a topic, and return it.

    Raises:
        TopicNotFound: there is none with this id.
    """
    given = changes.model_dump(exclude_unset=True)
    values = {
        field: value
        for field, value in given.items()
        if value is not None or field == "description"
    }
    if values:
        await session.execute(
            update(Topic)
            .where(Topic.team_id == team_id, Topic.id == id_, Topic.deleted_at.is_(None))
            .values(values)
        )
    return await find_topic(session, team_id, id_)


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
