"""All tables, and the trigger that ends memberships with their contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# One statement for all contacts that a DELETE takes away. It runs in the transaction of the
# DELETE, which holds the contacts' locks: whoever adds a membership has locked its contact.
END_MEMBERSHIPS = """
CREATE FUNCTION end_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM segment_memberships AS m USING deleted_contacts AS c
    WHERE m.team_id = c.team_id AND m.contact_id = c.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER contacts_end_memberships AFTER DELETE ON contacts
REFERENCING OLD TABLE AS deleted_contacts
FOR EACH STATEMENT EXECUTE FUNCTION end_memberships();
"""


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("email", sa.Text(collation="C"), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("unsubscribed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "properties",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "topics",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contacts_pkey")),
        sa.UniqueConstraint("team_id", "email", name=op.f("contacts_team_id_email_key")),
    )
    op.create_table(
        "segment_memberships",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "team_id", "segment_id", "contact_id", name=op.f("segment_memberships_pkey")
        ),
    )
    op.create_index(
        op.f("segment_memberships_team_id_contact_id_idx"),
        "segment_memberships",
        ["team_id", "contact_id"],
        unique=False,
    )
    op.create_table(
        "teams",
        sa.Column("team_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("team_id", name=op.f("teams_pkey")),
        sa.UniqueConstraint("name", name=op.f("teams_name_key")),
    )
    op.create_table(
        "api_keys",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("permission", sa.Text(), server_default="full_access", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.team_id"], name=op.f("api_keys_team_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("api_keys_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("api_keys_token_hash_key")),
    )
    op.create_table(
        "contact_imports",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("dialect", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("column_map", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("on_conflict", sa.Text(), nullable=False),
        sa.Column("segments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("topics", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "on_conflict in ('upsert', 'skip')", name=op.f("contact_imports_on_conflict_check")
        ),
        sa.CheckConstraint(
            "status in ('queued', 'in_progress', 'completed', 'failed')",
            name=op.f("contact_imports_status_check"),
        ),
        sa.CheckConstraint(
            "total = created + updated + skipped + failed", name=op.f("contact_imports_total_check")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.team_id"], name=op.f("contact_imports_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contact_imports_pkey")),
    )
    op.create_index(
        "contact_imports_team_id_status_id_idx",
        "contact_imports",
        ["team_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        "contact_imports_unfinished_idx",
        "contact_imports",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status in ('queued', 'in_progress')"),
    )
    op.create_table(
        "contact_properties",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column(
            "fallback_value",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "type in ('string', 'number', 'boolean')", name=op.f("contact_properties_type_check")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.team_id"], name=op.f("contact_properties_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contact_properties_pkey")),
        sa.UniqueConstraint("team_id", "key", name=op.f("contact_properties_team_id_key_key")),
    )
    op.create_table(
        "segments",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.team_id"], name=op.f("segments_team_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("segments_pkey")),
    )
    op.create_table(
        "topics",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default_subscription", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), server_default="private", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "default_subscription in ('opt_in', 'opt_out')", name=op.f("topics_subscription_check")
        ),
        sa.CheckConstraint(
            "visibility in ('private', 'public')", name=op.f("topics_visibility_check")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.team_id"], name=op.f("topics_team_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("topics_pkey")),
    )
    op.create_table(
        "contact_import_failures",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "import_id"],
            ["contact_imports.team_id", "contact_imports.id"],
            name=op.f("contact_import_failures_team_id_import_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "team_id", "import_id", "row", name=op.f("contact_import_failures_pkey")
        ),
    )
    op.execute(END_MEMBERSHIPS)


def downgrade() -> None:
    op.drop_table("contact_import_failures")
    op.drop_table("topics")
    op.drop_table("segments")
    op.drop_table("contact_properties")
    op.drop_index(
        "contact_imports_unfinished_idx",
        table_name="contact_imports",
        postgresql_where=sa.text("status in ('queued', 'in_progress')"),
    )
    op.drop_index("contact_imports_team_id_status_id_idx", table_name="contact_imports")
    op.drop_table("contact_imports")
    op.drop_table("api_keys")
    op.drop_table("teams")
    op.drop_index(
        op.f("segment_memberships_team_id_contact_id_idx"), table_name="segment_memberships"
    )
    op.drop_table("segment_memberships")
    op.drop_table("contacts")
    op.execute("DROP FUNCTION end_memberships")
