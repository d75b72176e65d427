"""What became of each row of an import, in one row for each batch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "contact_import_batches"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("first_row", sa.BigInteger(), nullable=False),
        sa.Column("last_row", sa.BigInteger(), nullable=False),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ids_from", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.LargeBinary())
            for name in ("created", "matched", "changed", "changed_ids")
        ),
        sa.PrimaryKeyConstraint("team_id", "import_id", "first_row", name=op.f(f"{TABLE}_pkey")),
    )
    op.create_index(op.f(f"{TABLE}_team_id_applied_at_idx"), TABLE, ["team_id", "applied_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
