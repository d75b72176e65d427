"""Files that wait to be imported, and what was said of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_import_drafts",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        _time("created_at", "now()"),
        _time("changed_at", "now()"),
        _time("expires_at", "(now() + '7 days'::interval)"),
        sa.Column("api_key_id", sa.Uuid()),
        sa.Column("mended_from", sa.Uuid()),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("packed_key", sa.Text()),
        sa.Column("filename", sa.Text()),
        sa.Column("sent_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text()),
        sa.Column(
            "sheets", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("proposals", sa.JSON(), server_default=sa.text("'[]'::json"), nullable=False),
        sa.Column("is_begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("check_id", sa.Uuid()),
        sa.Column("checked", sa.Text()),
        sa.Column("import_id", sa.Uuid()),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.team_id"], name=op.f("contact_import_drafts_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contact_import_drafts_pkey")),
    )
    op.create_index("contact_import_drafts_expires_at_idx", "contact_import_drafts", ["expires_at"])


def downgrade() -> None:
    op.drop_table("contact_import_drafts")


def _time(name: str, default: str) -> sa.Column[sa.DateTime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text(default), nullable=False
    )
