"""Who started an import, what is written about it, and whose failed rows it has been made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What each of the new columns refers to, in the same team.
TABLES = {"api_key_id": "api_keys", "mended_from": "contact_imports"}


def upgrade() -> None:
    for column, table in TABLES.items():
        op.add_column("contact_imports", sa.Column(column, sa.Uuid()))
        # Nothing has to be looked up for rows of which none has a value yet.
        op.create_foreign_key(
            op.f(f"contact_imports_{column}_fkey"),
            "contact_imports",
            table,
            ["team_id", column],
            ["team_id", "id"],
            postgresql_not_valid=True,
        )
    op.add_column("contact_imports", sa.Column("note", sa.Text()))


def downgrade() -> None:
    op.drop_column("contact_imports", "note")
    for column in TABLES:
        op.drop_constraint(op.f(f"contact_imports_{column}_fkey"), "contact_imports")
        op.drop_column("contact_imports", column)
