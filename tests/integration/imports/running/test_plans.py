"""A batch looks up its own contacts and no others, whatever the statistics know of the team."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from rollcall.imports.merging import dry_run, stored
from rollcall.imports.running import shadows

Connection = psycopg.Connection[Any]
FILL = """
INSERT INTO contacts (team_id, email)
SELECT %s, 'person' || n || '@example.com' FROM generate_series(1, %s) AS n
"""
CONTACT = "SELECT id FROM contacts WHERE team_id = %(team_id)s AND email = 'a@b.co'"
BATCH_ROWS = 50
EMAILS = "SELECT email FROM contacts WHERE team_id = %s ORDER BY email LIMIT %s"


@pytest.mark.parametrize(
    "statement",
    [
        "is_any_stored",
        "find_unsubscribed",
        "compare",
        "find_missing",
        "update_contacts",
        "add_stored_to_segments",
        "copy_stored",
    ],
)
@pytest.mark.parametrize("analyzed", ["before", "between", "never"])
def test_contacts_that_are_read(connection: Connection, statement: str, analyzed: str) -> None:
    team = fill(connection, analyzed)
    emails = [email for (email,) in connection.execute(EMAILS, (team, BATCH_ROWS))]
    if statement == "copy_stored":
        connection.execute(shadows.STATEMENTS["make_shadows"])
    with connection.transaction():
        connection.execute(stored.STATEMENTS["begin"])
        if statement in ("is_any_stored", "find_missing"):
            emails = [f"person{n}@example.org" for n in range(1000)]
        parameters = {
            "team_id": team,
            "segments": [team],
            "emails": emails,
            "first_names": None,
            "last_names": None,
            "unsubscribed": None,
            "properties": None,
            "conflicting": [True] * len(emails),
            "topics": Jsonb({}),
            "consent_matters": True,
            "now": datetime.now(UTC),
        }
        sql = (stored.STATEMENTS | dry_run.STATEMENTS)[statement]
        if statement == "copy_stored":
            names = {name: Identifier("public", table) for name, table in dry_run.STORED.items()}
            sql = SQL(sql).format(**names).as_string(connection)
        assert contacts_read(connection, sql, parameters) <= BATCH_ROWS


@pytest.mark.parametrize("analyzed", ["before", "between", "never"])
def test_a_contact_is_found_by_its_address(connection: Connection, analyzed: str) -> None:
    team = fill(connection, analyzed)
    assert contacts_read(connection, CONTACT, {"team_id": team}) == 0


def fill(connection: Connection, analyzed: str) -> uuid.UUID:
    """Store contacts and memberships of a team that the statistics may know nothing of."""
    first, second, third = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    connection.execute(FILL, (first, 20_000))
    if analyzed == "before":
        connection.execute("VACUUM ANALYZE contacts")
    team = second
    connection.execute(FILL, (team, 3_000))
    if analyzed == "between":
        connection.execute("VACUUM ANALYZE contacts")
        team = third
        connection.execute(FILL, (team, 3_000))
    connection.execute("INSERT INTO teams (team_id, name) VALUES (%s, 'team')", (team,))
    connection.execute(
        "INSERT INTO segments (team_id, id, name) VALUES (%s, %s, 'segment')", (team, team)
    )
    connection.execute(
        """INSERT INTO segment_memberships (team_id, segment_id, contact_id)
        SELECT team_id, team_id, gen_random_uuid() FROM contacts WHERE team_id = %s""",
        (team,),
    )
    return team


def contacts_read(connection: Connection, statement: str, parameters: dict[str, Any]) -> float:
    """Return how many rows a statement reads of contacts or memberships, the unwanted included."""
    explain = f"EXPLAIN (ANALYZE, FORMAT json) {statement}"
    rows = connection.execute(explain, parameters, prepare=False).fetchall()
    read: list[float] = [
        (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
        for plan in nodes(rows[0][0][0]["Plan"])
        if plan.get("Relation Name") in ("contacts", "segment_memberships")
        and plan["Node Type"] != "ModifyTable"
    ]
    return max(read)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's nodes."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)
