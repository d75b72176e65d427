"""Addresses are looked up by their index, whatever the statistics know of the team."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rollcall.imports.merge import STATEMENTS

Connection = psycopg.Connection[Any]
FILL = """
INSERT INTO contacts (team_id, email)
SELECT %s, 'person' || n || '@example.com' FROM generate_series(1, %s) AS n
"""
CONTACT = "SELECT id FROM contacts AS c WHERE team_id = %(team_id)s AND email = 'a@b.co'"


@pytest.mark.parametrize("statement", ["is_any_stored", "upsert_contacts", "insert_new_contacts"])
@pytest.mark.parametrize("analyzed", ["before", "between", "never"])
def test_a_team_that_the_statistics_do_not_know(
    connection: Connection, statement: str, analyzed: str
) -> None:
    with connection.transaction():
        connection.execute(STATEMENTS["create_batch_table"])
    connection.execute(FILL, (uuid.uuid4(), 20_000))
    if analyzed == "before":
        connection.execute("VACUUM ANALYZE contacts")
    new = uuid.uuid4()
    connection.execute(FILL, (new, 3_000))
    if analyzed == "between":
        connection.execute("VACUUM ANALYZE contacts")
        new = uuid.uuid4()
        connection.execute(FILL, (new, 3_000))
    parameters = {
        "team_id": new,
        "emails": ["a@b.co"] * 1000,
        "topics": Jsonb({}),
        "consent_matters": True,
        "tell_changed": True,
    }
    with connection.transaction():
        connection.execute(STATEMENTS["prefer_index_probes"])
        assert indexes(connection, STATEMENTS[statement], parameters) == {
            "contacts_team_id_email_key"
        }
    assert indexes(connection, CONTACT, parameters) == {"contacts_team_id_email_key"}


def indexes(connection: Connection, statement: str, parameters: dict[str, Any]) -> set[str]:
    """Return the indexes by which contacts are found in the plan of a statement."""
    rows = connection.execute(f"EXPLAIN (FORMAT json) {statement}", parameters).fetchall()
    found: set[str] = set()
    plans = [rows[0][0][0]["Plan"]]
    while plans:
        plan = plans.pop()
        plans += plan.get("Plans", [])
        if plan.get("Relation Name") == "contacts" and plan.get("Alias") == "c":
            found.add(plan.get("Index Name", plan["Node Type"]))
    return found - {"ModifyTable"}
