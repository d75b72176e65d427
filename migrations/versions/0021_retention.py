"""What of an ended import was deleted because its time was over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = ("file_deleted_at", "problems_deleted_at")
INDEX = "contact_imports_mended_from_idx"


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("contact_imports", sa.Column(column, sa.DateTime(timezone=True)))
    # Whoever deletes an import has to find those that were made of its failed rows.
    with op.get_context().autocommit_block():
        op.create_index(
            INDEX,
            "contact_imports",
            ["team_id", "mended_from"],
            postgresql_where=sa.text("mended_from IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "contact_imports", postgresql_concurrently=True, if_exists=True)
    for column in COLUMNS:
        op.drop_column("contact_imports", column)
