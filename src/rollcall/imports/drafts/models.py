"""The table of drafts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp

DAYS = 7
EXPIRY = text(f"now() + interval '{DAYS} days'")
NOTHING = text("'[]'::json")


class ContactImportDraft(Base):
    """A stored file that waits to be imported, and what was said of it.

    `object_key` is where its CSV is, with `size`, `crc32` and `codec`, the encoding that was found
    out; `packed_key` is where the workbook is that it was made of, which has `sheets`. `filename`,
    `sent_size` and `sha256` are of the file as it was sent. Whether an import `is_begun` with the
    CSV, dry or not, tells who keeps it. `check_id` is the newest dry run, and `checked` the
    fingerprint of what it was asked to do. `import_id` is what has become of the draft.
    """

    __tablename__ = "contact_import_drafts"
    __table_args__ = (Index("contact_import_drafts_expires_at_idx", "expires_at"),)

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    created_at: Mapped[Timestamp]
    changed_at: Mapped[Timestamp]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=EXPIRY)
    api_key_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    mended_from: Mapped[uuid.UUID | None] = mapped_column(Uuid)

    object_key: Mapped[str] = mapped_column(Text)
    packed_key: Mapped[str | None] = mapped_column(Text)
    filename: Mapped[str | None] = mapped_column(Text)
    sent_size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    crc32: Mapped[int] = mapped_column(BigInteger)
    codec: Mapped[str] = mapped_column(Text)
    sheet: Mapped[str | None] = mapped_column(Text)
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))

    # Not jsonb, which would lose the order of the columns.
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposals: Mapped[list[Any]] = mapped_column(JSON, server_default=NOTHING)
    is_begun: Mapped[bool] = mapped_column(Boolean, server_default=false())
    check_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    checked: Mapped[str | None] = mapped_column(Text)
    import_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
