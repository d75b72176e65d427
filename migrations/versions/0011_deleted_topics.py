"""Deleted topics, which stay until their ids are taken out of all contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topics", sa.Column("purged_to", sa.Uuid(), nullable=True))
    op.create_index(
        "topics_deleted_idx",
        "topics",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("topics_deleted_idx", table_name="topics")
    # The schema before knows no deleted topics: they end here, as they did then.
    op.execute("DELETE FROM topics WHERE deleted_at IS NOT NULL")
    op.drop_column("topics", "purged_to")
    op.drop_column("topics", "deleted_at")
