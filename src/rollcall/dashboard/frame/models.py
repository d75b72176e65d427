"""Tables of the dashboard's sessions, and of links that begin one."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp


class DashboardSession(Base):
    """A browser that is signed in. It may do what its API key may, and is gone with it.

    Only the SHA-256 of the token is kept. `last_used_at` is right to the hour.
    """

    __tablename__ = "dashboard_sessions"

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    api_key_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    created_at: Mapped[Timestamp]
    last_used_at: Mapped[Timestamp]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class DashboardLink(Base):
    """A link that signs a browser in once. Only the SHA-256 of its token is kept."""

    __tablename__ = "dashboard_links"

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    api_key_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    created_at: Mapped[Timestamp]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
