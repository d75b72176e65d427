"""Imports that keep consent, and imports that only tell what they would do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, default in (("resubscribe", sa.true()), ("dry_run", sa.false())):
        op.add_column(
            "contact_imports",
            sa.Column(name, sa.Boolean(), server_default=default, nullable=False),
        )
    op.add_column(
        "contact_imports",
        sa.Column(
            "changes",
            postgresql.JSON(astext_type=sa.Text()),
            server_default=sa.text("'[]'::json"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("contact_imports", "changes")
    op.drop_column("contact_imports", "dry_run")
    op.drop_column("contact_imports", "resubscribe")
