"""Imports count their changes and know their speed, and somebody can ask for their end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact_imports",
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "contact_imports", sa.Column("last_batch_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("contact_imports", sa.Column("rows_per_second", sa.Double(), nullable=True))
    op.create_table(
        "contact_import_cancellations",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column(
            "requested_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            name=op.f("contact_import_cancellations_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "team_id", "import_id", name=op.f("contact_import_cancellations_pkey")
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_import_cancellations")
    op.drop_column("contact_imports", "rows_per_second")
    op.drop_column("contact_imports", "last_batch_at")
    op.drop_column("contact_imports", "revision")
