"""Rows that are there before a measurement, made inside the database."""

from __future__ import annotations

import uuid

from psycopg.types.json import Jsonb

from benchmarks.data import CITIES, LOCAL_PARTS, NAMES, PLANS
from benchmarks.deployment import Deployment

CHUNK_ROWS = 1_000_000
# The addresses lie between those of the imported files, and are none of them. Each chunk is sorted,
# so that the index is walked from left to right.
CONTACTS = """
INSERT INTO contacts (team_id, email, first_name, last_name, unsubscribed, properties)
SELECT %(team)s, email, first_name, 'Bosen-' || n %% 10000, n %% 4 = 0, properties FROM (
    SELECT n,
        (%(locals)s::text[])[1 + n %% %(names)s] || '.' || substr(md5(n::text), 1, 8)
            || '.z' || to_hex(n) || '@example' || n %% 500 || '.com' AS email,
        (%(firsts)s::text[])[1 + n %% %(names)s] AS first_name,
        jsonb_build_object(
            'plan', (%(plans)s::jsonb)[n %% 3],
            'seats', n %% 500,
            'city', (%(cities)s::jsonb)[n %% %(city_count)s]
        ) AS properties
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
) AS made
ORDER BY email COLLATE "C"
"""
MEMBERS = """
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
SELECT team_id, %(segment)s, id FROM contacts WHERE team_id = %(team)s
ORDER BY id DESC LIMIT %(count)s
"""
# Copies of an import that has really run.
IMPORTS = """
INSERT INTO contact_imports (
    team_id, status, created_at, started_at, completed_at, object_key, filename, size, sha256,
    dialect, column_map, on_conflict, segments, topics,
    total, created, updated, skipped, failed, position
)
SELECT team_id, status, created_at, started_at, completed_at, object_key, filename, size, sha256,
    dialect, column_map, on_conflict, segments, topics,
    total, created, updated, skipped, failed, position
FROM contact_imports CROSS JOIN generate_series(1, %(count)s)
WHERE team_id = %(team)s AND id = %(import)s
"""


def stored_contacts(deployment: Deployment) -> int:
    """Return how many contacts the team has."""
    with deployment.connect() as connection:
        query = "SELECT count(*) FROM contacts WHERE team_id = %s"
        ((count,),) = connection.execute(query, [deployment.team_id()]).fetchall()
    return int(count)


def fill_contacts(deployment: Deployment, wanted: int) -> None:
    """Add contacts to the team until it has as many as are wanted, if there are fewer."""
    team_id = deployment.team_id()
    missing = wanted - stored_contacts(deployment)
    with deployment.connect() as connection:
        query = "SELECT count(*) FROM contacts WHERE team_id = %s AND email LIKE '%%.z%%'"
        ((made,),) = connection.execute(query, [team_id]).fetchall()
        for first in range(made + 1, made + missing + 1, CHUNK_ROWS):
            parameters = {
                "team": team_id,
                "first": first,
                "last": min(first + CHUNK_ROWS - 1, made + missing),
                "locals": LOCAL_PARTS,
                "firsts": NAMES,
                "names": len(NAMES),
                "plans": Jsonb(PLANS),
                "cities": Jsonb(CITIES),
                "city_count": len(CITIES),
            }
            connection.execute(CONTACTS, parameters)
    deployment.settle()


def fill_imports(deployment: Deployment, import_id: uuid.UUID, count: int) -> None:
    """Add copies of an import that is over."""
    parameters = {"team": deployment.team_id(), "import": import_id, "count": count}
    with deployment.connect() as connection:
        connection.execute(IMPORTS, parameters)


def fill_segment(deployment: Deployment, segment_id: uuid.UUID, count: int) -> None:
    """Add the newest contacts to a segment."""
    parameters = {"team": deployment.team_id(), "segment": segment_id, "count": count}
    with deployment.connect() as connection:
        connection.execute(MEMBERS, parameters)
