"""The table of topics. A contact's own choices stand on the contact's row."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.db import Base, Id, TeamId, Timestamp


class Topic(Base):
    """A topic, with the subscription that holds for contacts who made no choice."""

    __tablename__ = "topics"
    __table_args__ = (
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
