"""Deleted properties and what a sweep after deletions needs; segments of a contact in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_properties", sa.Column("stored_as", sa.Text(), nullable=True))
    op.execute("UPDATE contact_properties SET stored_as = key")
    op.alter_column("contact_properties", "stored_as", nullable=False)
    op.add_column(
        "contact_properties", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("contact_properties", sa.Column("purged_to", sa.Uuid(), nullable=True))
    op.drop_constraint(
        op.f("contact_properties_team_id_key_key"), "contact_properties", type_="unique"
    )
    op.create_unique_constraint(
        op.f("contact_properties_team_id_stored_as_key"),
        "contact_properties",
        ["team_id", "stored_as"],
    )
    op.create_index(
        "contact_properties_live_key",
        "contact_properties",
        ["team_id", "key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    for table in ("contact_properties", "segments"):
        op.create_index(
            f"{table}_deleted_idx",
            table,
            ["deleted_at"],
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        )
    op.create_index(
        op.f("segment_memberships_team_id_contact_id_segment_id_idx"),
        "segment_memberships",
        ["team_id", "contact_id", "segment_id"],
    )
    op.drop_index(
        op.f("segment_memberships_team_id_contact_id_idx"), table_name="segment_memberships"
    )
    op.create_check_constraint(
        op.f("api_keys_permission_check"),
        "api_keys",
        "permission in ('full_access', 'sending_access')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("api_keys_permission_check"), "api_keys", type_="check")
    op.create_index(
        op.f("segment_memberships_team_id_contact_id_idx"),
        "segment_memberships",
        ["team_id", "contact_id"],
    )
    op.drop_index(
        op.f("segment_memberships_team_id_contact_id_segment_id_idx"),
        table_name="segment_memberships",
    )
    op.drop_index("segments_deleted_idx", table_name="segments")
    op.drop_index("contact_properties_deleted_idx", table_name="contact_properties")
    op.drop_index("contact_properties_live_key", table_name="contact_properties")
    op.drop_constraint(
        op.f("contact_properties_team_id_stored_as_key"), "contact_properties", type_="unique"
    )
    # What was not shown before has no place in the schema that did not know deleted properties.
    op.execute("DELETE FROM contact_properties WHERE deleted_at IS NOT NULL")
    op.create_unique_constraint(
        op.f("contact_properties_team_id_key_key"), "contact_properties", ["team_id", "key"]
    )
    op.drop_column("contact_properties", "purged_to")
    op.drop_column("contact_properties", "deleted_at")
    op.drop_column("contact_properties", "stored_as")
