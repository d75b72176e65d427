"""The schema's history: up from nothing, down to nothing, and the same as the models."""

from __future__ import annotations

from typing import Any

import psycopg
from alembic import command

from rollcall.config import Settings
from rollcall.database import migrate

Connection = psycopg.Connection[Any]


def tables(settings: Settings) -> set[str]:
    with psycopg.connect(settings.psycopg_dsn) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in rows}


def test_up_down_and_up_again(empty: Settings) -> None:
    migrate.upgrade(empty)
    after = tables(empty)
    assert {"contacts", "contact_imports", "segment_memberships"} < after
    migrate.downgrade(empty, "base")
    assert tables(empty) == {"alembic_version"}
    with psycopg.connect(empty.psycopg_dsn) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchone()
        assert left == (0,)
    migrate.upgrade(empty)
    assert tables(empty) == after


def test_models_and_migrations_agree(empty: Settings) -> None:
    migrate.upgrade(empty)
    command.check(migrate._config(empty))


def test_the_team_is_first_in_every_key(connection: Connection) -> None:
    primary = connection.execute(
        """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        JOIN pg_tables t ON t.tablename = c.conrelid::regclass::text
        WHERE c.contype = 'p' AND t.schemaname = 'public' AND t.tablename <> 'alembic_version'"""
    ).fetchall()
    assert len(primary) == len(
        connection.execute(
            "SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
    )
    assert {column for _, column in primary} == {"team_id"}
    foreign = connection.execute(
        """SELECT c.conname, a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'"""
    ).fetchall()
    assert len(foreign) >= 5
    assert {column for _, column in foreign} == {"team_id"}
