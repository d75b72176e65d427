"""Sessions of the dashboard, and links that begin one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create("dashboard_sessions", _moment("last_used_at"))
    _create("dashboard_links")


def _create(table: str, *more: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        *more,
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.team_id"], name=op.f(f"{table}_team_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f(f"{table}_token_hash_key")),
    )
    op.create_index(op.f(f"{table}_expires_at_idx"), table, ["expires_at"])


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def downgrade() -> None:
    op.drop_table("dashboard_links")
    op.drop_table("dashboard_sessions")
