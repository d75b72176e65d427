"""Tables of what was said of failed rows, and of the imports of those that were mended."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, TeamId, Timestamp

ZERO = text("0")
NOTHING = text("'[]'::json")


class Mend(Base):
    """How the failed rows of an import are being mended.

    `changes` counts what was said: a rule or an edit has the number of its change, and what came
    earlier applies earlier. `edits` is the number of edited cells that are kept. `survey` is how
    far it has come with the change `surveyed`, and null before anybody has looked.
    """

    __tablename__ = "contact_import_mends"
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            ondelete="CASCADE",
        ),
    )

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    changes: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    edits: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    # Not jsonb, which would lose the order of the values that a rule replaces.
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default=NOTHING)
    surveyed: Mapped[int] = mapped_column(BigInteger, server_default=text("-1"))
    survey: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class MendEdit(Base):
    """What somebody has typed into a cell of a failed row, `column` being its index."""

    __tablename__ = "contact_import_mend_edits"

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    column: Mapped[int] = mapped_column(Integer, primary_key=True)
    change: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[str] = mapped_column(Text)


class MendedRows(Base):
    """The rows of an import that went into another one, `into`, packed as by `rows_gone`.

    `change` is the one after which they went.
    """

    __tablename__ = "contact_import_mended_rows"

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    change: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    into: Mapped[uuid.UUID] = mapped_column(Uuid)
    count: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Timestamp]
