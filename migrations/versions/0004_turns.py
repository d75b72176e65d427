"""Imports take turns and go on from a byte of their file; contacts leave room for updates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("status in ('queued', 'in_progress')")


def upgrade() -> None:
    op.add_column(
        "contact_imports", sa.Column("lane", sa.Text(), server_default="large", nullable=False)
    )
    op.create_check_constraint(
        op.f("contact_imports_lane_check"), "contact_imports", "lane in ('small', 'large')"
    )
    op.add_column(
        "contact_imports",
        sa.Column("resume_row", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "contact_imports",
        sa.Column("resume_offset", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "contact_imports", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.drop_column("contact_imports", "claims")
    op.drop_index("contact_imports_unfinished_idx", table_name="contact_imports")
    op.create_index(
        "contact_imports_unfinished_idx",
        "contact_imports",
        ["team_id", "lane", "status", "id"],
        unique=False,
        postgresql_where=UNFINISHED,
    )
    # An update that finds room on its contact's page leaves both indexes alone.
    op.execute("ALTER TABLE contacts SET (fillfactor = 80)")
    # Statistics would say that a team which is new has no contacts, and for no contacts the primary
    # key is as good an index as that of the addresses: while a team's first import runs, each
    # address would be looked for among all of its contacts. Without any, a team is taken for a
    # two-hundredth of the table.
    op.execute("ALTER TABLE contacts ALTER COLUMN team_id SET STATISTICS 0")


def downgrade() -> None:
    op.execute("ALTER TABLE contacts ALTER COLUMN team_id SET STATISTICS DEFAULT")
    op.execute("ALTER TABLE contacts RESET (fillfactor)")
    op.drop_index("contact_imports_unfinished_idx", table_name="contact_imports")
    op.create_index(
        "contact_imports_unfinished_idx",
        "contact_imports",
        ["created_at"],
        unique=False,
        postgresql_where=UNFINISHED,
    )
    op.add_column(
        "contact_imports",
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.drop_column("contact_imports", "claimed_at")
    op.drop_column("contact_imports", "resume_offset")
    op.drop_column("contact_imports", "resume_row")
    op.drop_constraint(op.f("contact_imports_lane_check"), "contact_imports", type_="check")
    op.drop_column("contact_imports", "lane")
