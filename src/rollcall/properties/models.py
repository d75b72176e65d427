"""The table of contact property definitions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.db import Base, Id, TeamId, Timestamp


class ContactProperty(Base):
    """A property that contacts of a team may have, and the type of its values."""

    __tablename__ = "contact_properties"
    __table_args__ = (
        UniqueConstraint("team_id", "key"),
        CheckConstraint("type in ('string', 'number', 'boolean')", name="type"),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    fallback_value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Timestamp]
