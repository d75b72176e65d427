"""The tables about topics. A contact's own choices stand on the contact's row."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp


class Topic(Base):
    """A topic, with the subscription that holds for contacts who made no choice.

    With `deleted_at` it is gone for everybody. A sweep then takes it out of the team's contacts in
    the order of their ids, `purged_to` being the last of them so far, and at the end the row.
    """

    __tablename__ = "topics"
    __table_args__ = (
        Index(
            "topics_deleted_idx",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
        CheckConstraint("default_subscription in ('opt_in', 'opt_out')", name="subscription"),
        CheckConstraint("visibility in ('private', 'public')", name="visibility"),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    default_subscription: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(Text, server_default="private")
    created_at: Mapped[Timestamp]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purged_to: Mapped[uuid.UUID | None] = mapped_column(Uuid)


class OrphanWalk(Base):
    """A team whose contacts may name topics that have no row any more; see `orphans`.

    They are gone through in the order of their ids, `walked_to` being the last of them so far.
    """

    __tablename__ = "topic_orphan_walks"

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    walked_to: Mapped[uuid.UUID | None] = mapped_column(Uuid)
