"""Which storage belongs to this database.

Every table of the schema `public` has the team first in its key. What is of no team, because it is
about the installation as a whole, stands in a schema of its own.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA operations")
    op.execute(
        """CREATE TABLE operations.storage (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            marker uuid NOT NULL,
            adopted_at timestamptz NOT NULL DEFAULT now()
        )"""
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA operations CASCADE")
