"""Finding topics."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.topics.models import Topic


async def find_topics(
    session: AsyncSession, team_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Topic]:
    """Return all of these topics by their ids.

    Raises:
        ValidationFailed: naming the first that does not exist.
    """
    if not ids:
        return {}
    query = select(Topic).where(Topic.team_id == team_id, Topic.id.in_(ids))
    found = {topic.id: topic for topic in await session.scalars(query)}
    for id_ in ids:
        if id_ not in found:
            raise ValidationFailed(f"Invalid `topics`: Topic {id_} not found.")
    return found
