"""The segments and topics that can be chosen in the options."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.drafts.choices import Choices
from rollcall.segments.models import Segment
from rollcall.segments.queries import live_segments
from rollcall.topics.models import Topic
from rollcall.topics.queries import live_topics

# More are not shown to be chosen from; those that are chosen always are.
MOST_SHOWN = 500


@dataclass(frozen=True, kw_only=True)
class Lists:
    """A team's segments and topics, by name."""

    segments: Sequence[Segment]
    topics: Sequence[Topic]

    @property
    def are_cut(self) -> tuple[bool, bool]:
        """Tell whether so many segments, and topics, are shown that there may be more."""
        return len(self.segments) >= MOST_SHOWN, len(self.topics) >= MOST_SHOWN

    def names(self) -> dict[str, str]:
        """Return the names by id."""
        named = [(each.id, each.name) for each in self.segments]
        named += [(each.id, each.name) for each in self.topics]
        return {str(id_): name for id_, name in named}

    def still_there(self, choices: Choices) -> Choices:
        """Return choices without the segments and topics that were deleted since."""
        segments, topics = ({each.id for each in some} for some in (self.segments, self.topics))
        return choices.model_copy(
            update={
                "segments": tuple(id_ for id_ in choices.segments if id_ in segments),
                "topics": {id_: said for id_, said in choices.topics.items() if id_ in topics},
            }
        )


async def read_lists(session: AsyncSession, team_id: uuid.UUID, choices: Choices) -> Lists:
    """Return what can be chosen, and what is chosen."""
    segments = live_segments(team_id)
    newest = segments.order_by(Segment.id.desc()).limit(MOST_SHOWN)
    found = {each.id: each for each in await session.scalars(newest)}
    chosen = await session.scalars(segments.where(Segment.id.in_(choices.segments)))
    found |= {each.id: each for each in chosen}
    topics = live_topics(team_id)
    shown = await session.scalars(topics.order_by(Topic.id.desc()).limit(MOST_SHOWN))
    listed = {each.id: each for each in shown}
    listed |= {
        each.id: each for each in await session.scalars(topics.where(Topic.id.in_(choices.topics)))
    }
    return Lists(
        segments=sorted(found.values(), key=lambda each: each.name.casefold()),
        topics=sorted(listed.values(), key=lambda each: each.name.casefold()),
    )
