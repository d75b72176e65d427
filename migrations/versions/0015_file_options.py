"""What clients say of a file that no detection can know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_imports", sa.Column("encoding", sa.Text()))
    op.add_column("contact_imports", sa.Column("delimiter", sa.Text()))
    op.add_column("contact_imports", sa.Column("header_row", sa.Integer()))
    op.add_column("contact_imports", sa.Column("sheet", sa.Text()))


def downgrade() -> None:
    for column in ("sheet", "header_row", "delimiter", "encoding"):
        op.drop_column("contact_imports", column)
