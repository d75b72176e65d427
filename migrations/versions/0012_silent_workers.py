"""Imports whose worker falls silent are taken over in any state, and tried alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FALSE = sa.text("false")


def upgrade() -> None:
    op.add_column(
        "contact_imports", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "contact_imports",
        sa.Column("is_suspect", sa.Boolean(), server_default=FALSE, nullable=False),
    )
    op.add_column(
        "contact_imports", sa.Column("is_alone", sa.Boolean(), server_default=FALSE, nullable=False)
    )
    op.add_column(
        "contact_imports",
        sa.Column("crashes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.create_table(
        "contact_import_sessions",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=False),
        sa.Column("backend_pid", sa.Integer(), nullable=False),
        sa.Column("backend_start", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "team_id",
            "import_id",
            "lease_owner",
            "backend_pid",
            name=op.f("contact_import_sessions_pkey"),
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_import_sessions")
    for column in ("crashes", "is_alone", "is_suspect", "released_at"):
        op.drop_column("contact_imports", column)
