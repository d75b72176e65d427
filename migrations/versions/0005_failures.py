"""Failures with their cells, warnings, and both counted by code on the import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNT_FAILURES = """
UPDATE contact_imports AS i SET failures = counted.failures
FROM (
    SELECT team_id, import_id, jsonb_object_agg(code, count) AS failures
    FROM (
        SELECT team_id, import_id, code, count(*) AS count
        FROM contact_import_failures
        GROUP BY team_id, import_id, code
    ) AS counts
    GROUP BY team_id, import_id
) AS counted
WHERE i.team_id = counted.team_id AND i.id = counted.import_id
"""


def upgrade() -> None:
    for name in ("failures", "warnings"):
        op.add_column(
            "contact_imports",
            sa.Column(
                name,
                postgresql.JSONB(astext_type=sa.Text()),
                server_default=sa.text("'{}'::jsonb"),
                nullable=False,
            ),
        )
    op.add_column("contact_import_failures", sa.Column("value", sa.Text(), nullable=True))
    op.execute(COUNT_FAILURES)
    op.drop_constraint(
        op.f("contact_import_failures_team_id_import_id_fkey"),
        "contact_import_failures",
        type_="foreignkey",
    )
    op.create_index(
        op.f("contact_import_failures_team_id_import_id_code_row_idx"),
        "contact_import_failures",
        ["team_id", "import_id", "code", "row"],
    )
    op.create_table(
        "contact_import_warnings",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "team_id", "import_id", "row", "code", name=op.f("contact_import_warnings_pkey")
        ),
    )
    op.create_index(
        op.f("contact_import_warnings_team_id_import_id_code_row_idx"),
        "contact_import_warnings",
        ["team_id", "import_id", "code", "row"],
    )


def downgrade() -> None:
    op.drop_table("contact_import_warnings")
    op.drop_index(
        op.f("contact_import_failures_team_id_import_id_code_row_idx"),
        table_name="contact_import_failures",
    )
    op.create_foreign_key(
        op.f("contact_import_failures_team_id_import_id_fkey"),
        "contact_import_failures",
        "contact_imports",
        ["team_id", "import_id"],
        ["team_id", "id"],
        ondelete="CASCADE",
    )
    op.drop_column("contact_import_failures", "value")
    op.drop_column("contact_imports", "warnings")
    op.drop_column("contact_imports", "failures")
