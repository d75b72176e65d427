"""Names of what an import refers to by ids: who started it, segments, topics."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.models import ApiKey
from rollcall.imports.models import ContactImport
from rollcall.segments.models import Segment
from rollcall.topics.models import Topic


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Names by ids; what has been deleted has none.

    `mended_from` is the name of the file of the import that this one was mended from.
    """

    key_name: str | None
    mended_from: str | None
    segments: dict[str, str]
    topics: dict[str, str]

    @property
    def all(self) -> dict[str, str]:
        """The names of segments and topics."""
        return self.segments | self.topics


async def find_surroundings(session: AsyncSession, row: ContactImport) -> Surroundings:
    """Return the names of what an import refers to, in its own team."""
    key_name = await session.scalar(
        select(ApiKey.name).where(ApiKey.team_id == row.team_id, ApiKey.id == row.api_key_id)
    )
    mended_from = await session.scalar(
        select(ContactImport.filename).where(
            ContactImport.team_id == row.team_id, ContactImport.id == row.mended_from
        )
    )
    return Surroundings(
        key_name=key_name,
        mended_from=mended_from,
        segments=await _names(session, Segment, row.team_id, row.segments),
        topics=await _names(session, Topic, row.team_id, row.topics),
    )


async def _names(
    session: AsyncSession,
    table: type[Segment] | type[Topic],
    team_id: uuid.UUID,
    ids: Iterable[str],
) -> dict[str, str]:
    wanted = [uuid.UUID(id_) for id_ in ids]
    if not wanted:
        return {}
    query = select(table.id, table.name).where(
        table.team_id == team_id, table.id.in_(wanted), table.deleted_at.is_(None)
    )
    return {str(id_): name for id_, name in await session.execute(query)}
