"""What is said of failed rows to mend them, and which of them were imported again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_import_mends",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("changes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("edits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rules", sa.JSON(), server_default=sa.text("'[]'::json"), nullable=False),
        sa.Column("surveyed", sa.BigInteger(), server_default=sa.text("-1"), nullable=False),
        sa.Column("survey", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            name=op.f("contact_import_mends_team_id_import_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("team_id", "import_id", name=op.f("contact_import_mends_pkey")),
    )
    op.create_table(
        "contact_import_mend_edits",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "team_id", "import_id", "row", "column", name=op.f("contact_import_mend_edits_pkey")
        ),
    )
    op.create_table(
        "contact_import_mended_rows",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("into", sa.Uuid(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "team_id", "import_id", "change", name=op.f("contact_import_mended_rows_pkey")
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_import_mended_rows")
    op.drop_table("contact_import_mend_edits")
    op.drop_table("contact_import_mends")
