"""The table of contact property definitions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp


class ContactProperty(Base):
    """A property that contacts of a team may have, and the type of its values.

    `stored_as` is the key under which contacts hold its values: the property's own key, unless
    values of a deleted property are still stored under that one. With `deleted_at` the property
    is gone for everybody. A sweep then takes its values away from the team's contacts in the
    order of their ids, `purged_to` being the last of them so far, and at the end the row.
    """

    __tablename__ = "contact_properties"
    __table_args__ = (
        UniqueConstraint("team_id", "stored_as"),
        Index(
            "contact_properties_live_key",
            "team_id",
            "key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "contact_properties_deleted_idx",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
        CheckConstraint("type in ('string', 'number', 'boolean')", name="type"),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(Text)
    stored_as: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    fallback_value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Timestamp]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purged_to: Mapped[uuid.UUID | None] = mapped_column(Uuid)
