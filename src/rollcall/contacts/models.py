"""The table of contacts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp

EMPTY_OBJECT = text("'{}'::jsonb")


class Contact(Base):
    """A contact of a team.

    `email` is lower-case ASCII, in the "C" collation: comparing bytes halves the cost of a bulk
    merge. `properties` maps a property's key to its value. `topics` maps a topic's id to
    `opt_in` or `opt_out`: the explicit choices, kept on the row because a row of its own per
    contact and topic costs an import more than the contact itself (docs/decisions/0003).
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("team_id", "email"),)

    team_id: Mapped[TeamId]
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(Text(collation="C"))
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    unsubscribed: Mapped[bool] = mapped_column(server_default=text("false"))
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    topics: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    created_at: Mapped[Timestamp]
    updated_at: Mapped[Timestamp]
