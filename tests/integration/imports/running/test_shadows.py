"""The temporary tables of a dry run: what a crash leaves of them, and what they stand before."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.database.connections import Connection
from rollcall.imports.running import shadows
from rollcall.imports.running.claims import Claim
from tests.support import oracle
from tests.support.engine import Engine

FILE = b"email,first_name\nann@b.co,Ann\nx,\nbob@b.co,Bob\n"


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings)


def test_what_a_crash_would_leave_of_it_is_removed_by_the_database(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does so with tables and what belongs to them, and with nothing else."""
    found: set[str] = set()
    begin = shadows.begin_dry_run

    def note(connection: Connection, claim: Claim) -> Claim:
        begun = begin(connection, claim)
        query = "SELECT relkind::text FROM pg_class WHERE relpersistence = 't'"
        found.update(str(kind) for (kind,) in connection.execute(query))
        return begun

    monkeypatch.setattr(shadows, "begin_dry_run", note)
    engine.run(FILE, oracle.Options(), dry_run=True)
    tables, indexes, toast = "r", "i", "t"
    assert tables in found
    assert found <= {tables, indexes, toast}


def test_a_schema_of_another_name_is_found(engine: Engine) -> None:
    engine.connection.execute(
        "CREATE SCHEMA mine; CREATE SCHEMA later;"
        " ALTER TABLE contacts SET SCHEMA mine; CREATE TABLE later.contacts ()"
    )
    engine.settings = engine.settings.model_copy(
        update={
            "database_url": f"{engine.settings.database_url}"
            "?options=-c%20search_path%3Dmine,later,public"
        }
    )
    engine.connection.execute("SET search_path = mine, later, public")
    engine.connection.execute("ALTER TABLE segment_memberships SET SCHEMA mine")
    dry = engine.run(FILE, oracle.Options(), dry_run=True)
    assert dry.counts == engine.run(FILE, oracle.Options()).counts
