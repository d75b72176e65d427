"""Teams whose contacts may still name topics that ended before the sweep after them existed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_orphan_walks",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("walked_to", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.team_id"], name=op.f("topic_orphan_walks_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("team_id", name=op.f("topic_orphan_walks_pkey")),
    )
    # Which of them it concerns, only their contacts tell, and to read all of these is the sweep's.
    op.execute("INSERT INTO topic_orphan_walks (team_id) SELECT team_id FROM teams")


def downgrade() -> None:
    op.drop_table("topic_orphan_walks")
