"""Two teams that each have one of everything, for tests of the wall between them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from psycopg import sql

from rollcall.database.base import Base
from tests.support.resources import (
    create,
    create_contact,
    create_property,
    create_segment,
    create_topic,
)

CSV = ("contacts.csv", b"email\nada@example.com\n", "text/csv")
CODES = {
    "contact_import_failures": "invalid_email",
    "contact_import_warnings": "misspelled_domain",
}


# One of the file of an import.
DRAFT = """
INSERT INTO contact_import_drafts (team_id, object_key, filename, sent_size, sha256, size, crc32,
    codec, choices, is_begun)
SELECT team_id, object_key, %(name)s, size, sha256, size, crc32, 'utf-8', '{"step": "check"}', true
FROM contact_imports WHERE id = %(import_id)s
RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class World:
    """What one team has."""

    team_id: uuid.UUID
    email: str
    key: str
    ids: dict[str, str]

    def path_values(self, parameter: str) -> list[str]:
        """Return what can stand for a parameter of a path."""
        values = [self.ids[parameter]]
        return [*values, self.email] if parameter == "contact" else values


def build(client: httpx.Client, connection: psycopg.Connection[Any], name: str) -> World:
    """Give a team one of everything; every text in it has the name."""
    email, key = f"{name}@example.com", f"{name}_plan"
    create_property(client, key)
    segment, topic = create_segment(client, name), create_topic(client, name)
    contact = create_contact(
        client,
        email,
        first_name=name,
        properties={key: name},
        segments=[segment],
        topics=[{"id": topic, "subscription": "opt_in"}],
    )
    import_id = client.post("/contacts/imports", files={"file": CSV}).json()["id"]
    query = "SELECT team_id FROM contacts WHERE email = %s"
    ((team_id,),) = connection.execute(query, (email,)).fetchall()
    for table, code in CODES.items():
        columns = 'team_id, import_id, "row", code, value'
        values = (team_id, import_id, 2, code, name)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s, %s, %s)", values)
    ((draft,),) = connection.execute(DRAFT, {"name": name, "import_id": import_id}).fetchall()
    lists = f"/contacts/imports/{import_id}"
    return World(
        team_id=team_id,
        email=email,
        key=key,
        ids={
            "contact": contact,
            "contact_id": contact,
            "segment_id": segment,
            "audience_id": segment,
            "topic_id": topic,
            "property_id": client.get("/contact-properties").json()["data"][0]["id"],
            "key_id": create(client, "/api-keys", name=name),
            "import_id": import_id,
            "draft_id": str(draft),
            "failure_id": client.get(f"{lists}/failures").json()["data"][0]["id"],
            "warning_id": client.get(f"{lists}/warnings").json()["data"][0]["id"],
        },
    )


def rows(connection: psycopg.Connection[Any], world: World) -> list[str]:
    """Return all that the database has of a team; when a key was last used comes late."""
    found = []
    for table in sorted(Base.metadata.tables):
        query = sql.SQL(
            "SELECT (to_jsonb(t) - 'last_used_at')::text FROM {} AS t WHERE team_id = %s ORDER BY 1"
        ).format(sql.Identifier(table))
        found += [f"{table} {row[0]}" for row in connection.execute(query, (world.team_id,))]
    return found
