"""Tables of segments and of who is in them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp


class Segment(Base):
    """A segment. With `deleted_at` it is gone for everybody; a sweep removes its memberships."""

    __tablename__ = "segments"
    __table_args__ = (
        Index(
            "segments_deleted_idx",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Timestamp]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SegmentMembership(Base):
    """A contact in a segment since `created_at`.

    There are no foreign keys: checked row by row they would cost an import more than the
    contacts themselves. Orphans are kept impossible by a trigger on contacts and by row locks
    where memberships begin (docs/decisions/0002).
    """

    __tablename__ = "segment_memberships"

    team_id: Mapped[TeamId]
    segment_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    created_at: Mapped[Timestamp]

    __table_args__ = (Index(None, "team_id", "contact_id", "segment_id"),)
