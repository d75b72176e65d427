"""Tables of teams and API keys."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp


class Permission(enum.StrEnum):
    """What a key may do. One that may only send e-mails may do nothing here."""

    FULL_ACCESS = "full_access"
    SENDING_ACCESS = "sending_access"


class Team(Base):
    """A tenant: everything else belongs to exactly one."""

    __tablename__ = "teams"

    team_id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[Timestamp]


class ApiKey(Base):
    """A key of a team. Only the SHA-256 of the token is kept; the token is shown once."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("permission in ('full_access', 'sending_access')", name="permission"),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    permission: Mapped[str] = mapped_column(Text, server_default="full_access")
    created_at: Mapped[Timestamp]
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
