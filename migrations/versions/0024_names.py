"""The names of contacts in the order of the alphabet, beside the contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What a name is compared by. Both collations are PostgreSQL's own and the same on every server,
# whatever its locale: letters without case and accents, in the order of their code points.
NAME_KEY = """
CREATE FUNCTION contact_name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = char_length(name)
    THEN left(lower(name COLLATE "pg_c_utf8"), 100) COLLATE "C"
    ELSE left(regexp_replace(
        normalize(casefold(left(name, 100) COLLATE "pg_unicode_fast"), NFKD),
        U&'[\\0300-\\036F]', '', 'g'
    ), 100) COLLATE "C"
END
"""
NAME_KEYS = """
CREATE FUNCTION contact_name_keys(first_name text, last_name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_remove(ARRAY[
    CASE WHEN first_name <> ''
        THEN contact_name_key(first_name || coalesce(' ' || nullif(last_name, ''), ''))
    END,
    CASE WHEN last_name <> '' THEN contact_name_key(last_name) END
], NULL)
"""
# Who has contacts already: all of these are sorted in once, in steps, by the sweep.
WAITING = """
INSERT INTO contact_names_pending (team_id, first_id, last_id)
SELECT team_id, '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'
FROM teams
"""


def upgrade() -> None:
    op.execute(NAME_KEY)
    op.execute(NAME_KEYS)
    op.create_table(
        "contact_name_layers",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contact_name_layers_pkey")),
    )
    op.create_table(
        "contact_name_leaves",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("layer_id", sa.Uuid(), nullable=False),
        sa.Column("last_key", sa.Text(collation="C"), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("contact_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint(
            "team_id", "layer_id", "last_key", "last_id", name=op.f("contact_name_leaves_pkey")
        ),
    )
    # A leaf is a page of the table, so that to read it is to read one page.
    op.execute("ALTER TABLE contact_name_leaves SET (toast_tuple_target = 8160)")
    op.create_table(
        "contact_names_pending",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=True),
        sa.Column("last_id", sa.Uuid(), nullable=True),
        sa.Column("contact_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.PrimaryKeyConstraint("team_id", "id", name=op.f("contact_names_pending_pkey")),
    )
    op.execute(WAITING)


def downgrade() -> None:
    op.drop_table("contact_names_pending")
    op.drop_table("contact_name_leaves")
    op.drop_table("contact_name_layers")
    op.execute("DROP FUNCTION contact_name_keys")
    op.execute("DROP FUNCTION contact_name_key")
