"""Tables of imports and of the rows that failed."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.db import Base, Id, TeamId, Timestamp

ZERO = text("0")


class ImportStatus(enum.StrEnum):
    """Where an import is in its life."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class OnConflict(enum.StrEnum):
    """What happens to a contact that is stored already."""

    UPSERT = "upsert"
    SKIP = "skip"


class ContactImport(Base):
    """An import: what was asked for, where the file is, how far it has come.

    The row is the truth about the import; the job queue only rings for it. `position` is the
    row number of the last record committed. `lease_owner` is the run that may commit batches,
    until `lease_expires_at`. `attempts` counts claims since the last committed batch, `claims`
    all of them.

    `object_key` is where the CSV is, unpacked, and `size` its bytes; `filename` and `sha256` are
    those of the file as it was sent.
    """

    __tablename__ = "contact_imports"
    __table_args__ = (
        CheckConstraint("total = created + updated + skipped + failed", name="total"),
        CheckConstraint(
            "status in ('queued', 'in_progress', 'completed', 'failed')", name="status"
        ),
        CheckConstraint("on_conflict in ('upsert', 'skip')", name="on_conflict"),
        Index("contact_imports_team_id_status_id_idx", "team_id", "status", "id"),
        Index(
            "contact_imports_unfinished_idx",
            "created_at",
            postgresql_where=text("status in ('queued', 'in_progress')"),
        ),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    status: Mapped[str] = mapped_column(Text, server_default=ImportStatus.QUEUED)
    created_at: Mapped[Timestamp]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    object_key: Mapped[str] = mapped_column(Text)
    filename: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    dialect: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Not jsonb, which would lose the order of the properties.
    column_map: Mapped[dict[str, Any]] = mapped_column(JSON)
    on_conflict: Mapped[str] = mapped_column(Text)
    segments: Mapped[list[str]] = mapped_column(JSONB)
    topics: Mapped[dict[str, str]] = mapped_column(JSONB)

    total: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    created: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    updated: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    skipped: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    failed: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)

    position: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    lease_owner: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    claims: Mapped[int] = mapped_column(server_default=ZERO)
    error_code: Mapped[str | None] = mapped_column(Text)


class FailedRow(Base):
    """A record that failed: where and why. Its cells are read back from the stored file."""

    __tablename__ = "contact_import_failures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            ondelete="CASCADE",
        ),
    )

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    column: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
