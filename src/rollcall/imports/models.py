"""Tables of imports and of the rows that failed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    case,
    false,
    func,
    literal_column,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from rollcall.database.base import Base, Id, TeamId, Timestamp
from rollcall.database.heartbeat import NEWEST_FORMAT
from rollcall.imports.kinds import ImportStatus, Lane

ZERO = text("0")
EMPTY = text("'{}'::jsonb")
NOTHING = text("'[]'::json")


class ContactImport(Base):
    """An import: what was asked for, where the file is, how far it has come.

    The row is the truth about the import; the job queue only rings for it. `position` is the
    row number of the last record committed; the record after row `resume_row` begins at the byte
    `resume_offset` of the file, and that is at or before `position`. `lease_owner` is the run
    that may commit batches, until `lease_expires_at`; without an owner, that is when the import may
    be claimed again, and `released_at` when it was given back. `attempts` counts claims since the
    last committed batch; `claimed_at` is the time of the last one.

    An import `is_suspect` when a lease of it ended because its worker was silent: that worker may
    have died of it. Until a batch is committed it is tried in a process of its own, and `is_alone`
    while it is; `crashes` counts how often that process has died, and `losses` how often nothing
    was heard any more of its worker either.

    `revision` grows by every change that a client can see. `rows_per_second` is a mean over the
    last few seconds, as of `last_batch_at`, and null while no worker has the import.

    `row_format` is what a worker has to understand of this row (`ROW_FORMAT`).

    `object_key` is where the CSV is, unpacked; `size` are its bytes and `crc32` their checksum,
    which is null for files that were stored before there was one. `filename` and `sha256` are
    those of the file as it was sent. `api_key_id` is the key that it was started with, which is
    null for imports from before that was noted, and `mended_from` the import whose failed rows its
    file has.
    """

    __tablename__ = "contact_imports"
    __table_args__ = (
        # With the team in it, so that neither can be another team's.
        ForeignKeyConstraint(
            ["team_id", "api_key_id"],
            ["api_keys.team_id", "api_keys.id"],
            name="contact_imports_api_key_id_fkey",
        ),
        ForeignKeyConstraint(
            ["team_id", "mended_from"],
            ["contact_imports.team_id", "contact_imports.id"],
            name="contact_imports_mended_from_fkey",
        ),
        CheckConstraint("total = created + updated + skipped + failed", name="total"),
        CheckConstraint(
            "status in ('queued', 'in_progress', 'completed', 'failed')", name="status"
        ),
        CheckConstraint("on_conflict in ('upsert', 'skip')", name="on_conflict"),
        CheckConstraint("lane in ('small', 'large', 'dry_run')", name="lane"),
        Index("contact_imports_team_id_status_id_idx", "team_id", "status", "id"),
        Index(
            "contact_imports_mended_from_idx",
            "team_id",
            "mended_from",
            postgresql_where=text("mended_from IS NOT NULL"),
        ),
        Index(
            "contact_imports_unfinished_idx",
            "team_id",
            "lane",
            "status",
            "id",
            postgresql_where=text("status in ('queued', 'in_progress')"),
        ),
    )

    team_id: Mapped[TeamId] = mapped_column(ForeignKey("teams.team_id"))
    id: Mapped[Id]
    status: Mapped[str] = mapped_column(Text, server_default=ImportStatus.QUEUED)
    created_at: Mapped[Timestamp]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    api_key_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    mended_from: Mapped[uuid.UUID | None] = mapped_column(Uuid)

    object_key: Mapped[str] = mapped_column(Text)
    filename: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    crc32: Mapped[int | None] = mapped_column(BigInteger)
    dialect: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Not jsonb, which would lose the order of the properties.
    column_map: Mapped[dict[str, Any]] = mapped_column(JSON)
    on_conflict: Mapped[str] = mapped_column(Text)
    resubscribe: Mapped[bool] = mapped_column(Boolean, server_default=true())
    segments: Mapped[list[str]] = mapped_column(JSONB)
    topics: Mapped[dict[str, str]] = mapped_column(JSONB)
    note: Mapped[str | None] = mapped_column(Text)
    # When their time was over; see `sweeps.retention`. Problems are failed rows and warnings.
    file_deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problems_deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # What the client has said of the file; what it is read as stands in `dialect`.
    encoding: Mapped[str | None] = mapped_column(Text)
    delimiter: Mapped[str | None] = mapped_column(Text)
    header_row: Mapped[int | None] = mapped_column(Integer)
    sheet: Mapped[str | None] = mapped_column(Text)

    total: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    created: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    updated: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    skipped: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    failed: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    # How many by code; those of `failures` add up to `failed`.
    failures: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=EMPTY)
    warnings: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=EMPTY)
    # Whether nothing is stored but this report, and its first changes of contacts; these are not
    # jsonb, which would lose the order of the fields.
    dry_run: Mapped[bool] = mapped_column(Boolean, server_default=false())
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default=NOTHING)

    lane: Mapped[str] = mapped_column(Text, server_default=Lane.LARGE)
    row_format: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    position: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    resume_row: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    resume_offset: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    lease_owner: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(BigInteger, server_default=ZERO)
    last_batch_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rows_per_second: Mapped[float | None] = mapped_column(Double)
    # By the database's clock, as all times in this table are.
    last_batch_age: Mapped[timedelta | None] = column_property(
        func.clock_timestamp(type_=DateTime(timezone=True)) - last_batch_at
    )
    lease_left: Mapped[timedelta | None] = column_property(
        lease_expires_at - func.clock_timestamp(type_=DateTime(timezone=True))
    )
    # Whether a worker that is alive could take it; true, if none is alive.
    is_understood: Mapped[bool] = column_property(
        case(
            (
                (row_format > 1) & status.in_([ImportStatus.QUEUED, ImportStatus.IN_PROGRESS]),
                func.coalesce(literal_column(f"({NEWEST_FORMAT})", Integer) >= row_format, true()),
            ),
            else_=true(),
        )
    )
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_suspect: Mapped[bool] = mapped_column(Boolean, server_default=false())
    is_alone: Mapped[bool] = mapped_column(Boolean, server_default=false())
    crashes: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    losses: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    error_code: Mapped[str | None] = mapped_column(Text)


class WorkingSession(Base):
    """A session of the database that works for a lease; see `sessions`.

    It has no foreign key, which would lock the import's row, and nothing to do with it but its end:
    whoever ends the lease removes it, or whoever finds that the session is gone.
    """

    __tablename__ = "contact_import_sessions"

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    lease_owner: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    backend_pid: Mapped[int] = mapped_column(Integer, primary_key=True)
    backend_start: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Cancellation(Base):
    """Somebody's wish that an import end.

    It has a table of its own because a running batch keeps the import's row locked until it
    commits; a client that cancels does not have to wait for that.
    """

    __tablename__ = "contact_import_cancellations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            ondelete="CASCADE",
        ),
    )

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    requested_at: Mapped[Timestamp]


class RememberedColumns(Base):
    """What a team has said of the columns of a header, when it last sent a column map for it.

    `fingerprint` is that of `matching`: it is the same for all files with these columns. `columns`
    has what each is, in their order, and null for what the team did not want.
    """

    __tablename__ = "contact_import_columns"

    team_id: Mapped[TeamId]
    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    columns: Mapped[list[dict[str, Any] | None]] = mapped_column(JSON)
    confirmed_at: Mapped[Timestamp]


class StoredBatch(Base):
    """What became of the rows of a batch that did not fail; dry runs have none.

    `created`, `matched` and `changed` have a bit for each row from `first_row` to `last_row`, the
    first one the highest of the first byte, compressed by zlib; null is none of them. A row has
    created a contact, or it has matched a stored one and is counted as updated or skipped. Of
    each stored contact whose fields or topics have changed, the last row that has its address is
    `changed`, and `changed_ids` have the last eight bytes of its id, in the order of these rows.

    `applied_at` is the batch's time, which is also `created_at` and `updated_at` of the contacts
    that it created and changed. An id of a contact that it has created tells by how many rows it is
    behind `first_row`; `ids_from` are the milliseconds since 1970 of that row's id.

    It has no foreign key, for the reason that `StoredFailure` has none.
    """

    __tablename__ = "contact_import_batches"
    __table_args__ = (Index(None, "team_id", "applied_at"),)

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    first_row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last_row: Mapped[int] = mapped_column(BigInteger)
    applied_at: Mapped[Timestamp]
    ids_from: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[bytes | None] = mapped_column(LargeBinary)
    matched: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_ids: Mapped[bytes | None] = mapped_column(LargeBinary)


class StoredFailure(Base):
    """A record that failed: where, why, and the cell at fault, shortened.

    It has no foreign key, which would cost more than the row itself: rows are written in the
    transaction of a batch, which holds the import's row, and no import is ever deleted.
    """

    __tablename__ = "contact_import_failures"
    __table_args__ = (Index(None, "team_id", "import_id", "code", "row"),)

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    column: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    value: Mapped[str | None] = mapped_column(Text)


class StoredWarning(Base):
    """A remark on a record that did not fail; there may be several on one."""

    __tablename__ = "contact_import_warnings"
    __table_args__ = (Index(None, "team_id", "import_id", "code", "row"),)

    team_id: Mapped[TeamId]
    import_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # One order of codes everywhere, whatever the database's own is.
    code: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    column: Mapped[str | None] = mapped_column(Text)
    value: Mapped[str | None] = mapped_column(Text)
