"""Lists and filters at 100,000 rows: the plans of the queries that the API really sends."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from rollcall.imports.failures.lists import failure_ids, warning_ids
from tests.support.resources import create_contact, create_segment

Connection = psycopg.Connection[Any]
Statement = tuple[str, Any]
ROWS = 100_000
FILL = """
INSERT INTO contacts (team_id, email) SELECT %(team)s, n || '@example.com' FROM numbers;
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
    SELECT team_id, %(segment)s, id FROM contacts;
INSERT INTO segments (team_id, name) SELECT %(team)s, n::text FROM numbers;
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
    SELECT team_id, s.id, c.id
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM segments) AS s
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM contacts) AS c USING (n)
    ON CONFLICT DO NOTHING;
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
    SELECT team_id, id, %(contact)s FROM segments WHERE name LIKE '%%999' ON CONFLICT DO NOTHING;
INSERT INTO topics (team_id, name, default_subscription)
    SELECT %(team)s, n::text, 'opt_in' FROM numbers;
INSERT INTO contact_properties (team_id, key, stored_as, type)
    SELECT %(team)s, 'key_' || n, 'key_' || n, 'string' FROM numbers;
INSERT INTO api_keys (team_id, name, token_hash)
    SELECT %(team)s, n::text, int8send(n) FROM numbers;
INSERT INTO contact_imports (
    team_id, status, object_key, size, sha256, dialect, column_map, on_conflict, segments, topics
) SELECT %(team)s, CASE WHEN n %% 100 = 0 THEN 'failed' ELSE 'completed' END,
    '', 0, '', '{}', '{}', 'skip', '[]', '{}' FROM numbers;
INSERT INTO contact_import_failures (team_id, import_id, "row", code)
    SELECT %(team)s, %(import)s,
        n + 1, CASE WHEN n %% 1000 = 0 THEN 'invalid_number' ELSE 'invalid_email' END FROM numbers;
INSERT INTO contact_import_warnings (team_id, import_id, "row", code)
    SELECT %(team)s, %(import)s, n / 2 + 2,
        CASE WHEN n %% 2 = 0 THEN 'repeated_email' ELSE 'misspelled_domain' END FROM numbers;
"""
# Each list with the table that the ids of its cursors are from.
LISTS = {
    "/contacts": "contacts",
    "/contacts?segment_id={segment}": "contacts",
    "/contacts/{contact}/segments": "segments",
    "/contacts/{contact}/topics": "topics",
    "/contacts/imports": "contact_imports",
    "/contacts/imports?status=failed": "contact_imports",
    "/contacts/imports/{import}/failures": "failures",
    "/contacts/imports/{import}/failures?code=invalid_number": "failures",
    "/contacts/imports/{import}/warnings": "warnings",
    "/contacts/imports/{import}/warnings?code=repeated_email": "warnings",
    "/segments": "segments",
    "/segments/{segment}/contacts": "contacts",
    "/audiences": "segments",
    "/audiences/{segment}/contacts": "contacts",
    "/topics": "topics",
    "/contact-properties": "contact_properties",
    "/api-keys": "api_keys",
}
IDS_OF_ROWS = {"failures": failure_ids, "warnings": warning_ids}
SINGLE = [
    "/contacts/imports/{import}",
    "/contacts/{contact}",
    "/contacts/ada@example.com",
    "/segments/{segment}",
    "/audiences/{segment}/contacts/{contact}",
]


def fill(connection: Connection, team: uuid.UUID, **ids: str) -> None:
    """Give the team 100,000 of everything."""
    connection.execute(f"CREATE TEMPORARY TABLE numbers AS SELECT generate_series(1, {ROWS}) n")
    for statement in FILL.strip().rstrip(";").split(";"):
        names = {name: value for name, value in {"team": team, **ids}.items() if name in statement}
        connection.execute(statement, names)
    connection.execute("ANALYZE")


@pytest.fixture
def statements() -> Iterator[list[Statement]]:
    """What the API, which runs in this process, sends to the database."""
    sent: list[Statement] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def problems(plan: dict[str, Any]) -> list[str]:
    """Return the parts of a plan whose cost grows with the table."""
    found = []
    # Of the server's own: one row for each database, however many contacts there are.
    is_of_server = plan.get("Relation Name") == "pg_database"
    kinds = {"Seq Scan", "Sort", "Incremental Sort", "Bitmap Heap Scan"}
    if plan["Node Type"] in kinds and not is_of_server:
        found.append(f"{plan['Node Type']} {plan.get('Relation Name', '')}")
    if plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0) > 1000:
        found.append(f"{plan['Actual Rows']} rows from {plan['Node Type']}")
    return found + [problem for part in plan.get("Plans", ()) for problem in problems(part)]


def pages(connection: Connection, table: str, import_id: str) -> list[str]:
    """Return the queries for pages at the beginning and in the middle of a list."""
    if table in IDS_OF_ROWS:
        middle = IDS_OF_ROWS[table](uuid.UUID(import_id)).make(ROWS // 4, 1)
    else:
        query = f"SELECT id FROM {table} ORDER BY id OFFSET {ROWS // 2} LIMIT 1"
        ((middle,),) = connection.execute(query).fetchall()
    return ["", "limit=100", f"after={middle}", f"limit=100&before={middle}"]


def explain(connection: Connection, statement: Statement) -> list[str]:
    text, parameters = statement
    row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {text}", parameters).fetchone()
    assert row is not None
    return problems(row[0][0]["Plan"])


def test_every_list_reads_only_its_page(
    client: httpx.Client,
    connection: Connection,
    team_id: uuid.UUID,
    statements: list[Statement],
    subtests: pytest.Subtests,
) -> None:
    upload = client.post("/contacts/imports", files={"file": b"email\n"})
    ids = {
        "segment": create_segment(client),
        "contact": create_contact(client),
        "import": upload.json()["id"],
    }
    fill(connection, team_id, **ids)
    for path in [*LISTS, *SINGLE]:
        for page in pages(connection, LISTS[path], ids["import"]) if path in LISTS else [""]:
            address = path.format(**ids) + ("&" if "?" in path else "?") + page
            with subtests.test(address=address):
                statements.clear()
                response = client.get(address)
                assert response.status_code == 200, response.text
                reading = [s for s in statements if s[0].startswith("SELECT")]
                assert len(reading) >= 2
                assert [p for s in reading for p in explain(connection, s)] == []


def test_every_list_is_here(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    paged = {
        path
        for path, operations in paths.items()
        if any(p["name"] == "after" for p in operations.get("get", {}).get("parameters", ()))
    }
    covered = {path.partition("?")[0] for path in LISTS}
    names = {"segment_id": "segment", "audience_id": "segment", "import_id": "import"}
    for path in paged:
        for name, short in names.items():
            path = path.replace(f"{{{name}}}", f"{{{short}}}")  # noqa: PLW2901
        assert path in covered
