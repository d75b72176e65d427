"""A checksum of each stored file, by which a run notices that the content has changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_imports", sa.Column("crc32", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("contact_imports", "crc32")
