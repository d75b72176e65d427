"""What a worker has to understand of an import's row, so that older ones leave it to newer ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # That of every row so far, and of those that an older API writes beside a newer one.
    op.add_column(
        "contact_imports",
        sa.Column("row_format", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("contact_imports", "row_format")
