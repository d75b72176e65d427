"""A run that stores nothing but its report: the same engine on temporary copies of the tables.

Only the contacts that the file names are copied, batch by batch, just before they are merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Json

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.batching.batch import Contacts
from rollcall.imports.keys import ImportKey
from rollcall.imports.kinds import OnConflict
from rollcall.imports.merging.arrays import BinaryArray
from rollcall.imports.options import ImportOptions

STATEMENTS = load_statements(__package__, "dry_run.sql")
MAX_CHANGES = 20
# The tables that are read beside their copies.
STORED = {"stored_contacts": "contacts", "stored_memberships": "segment_memberships"}

# A contact's fields by their names on the wire, without those that have no value.
State = dict[str, Any]


class DryRun:
    """What a dry run adds to the merge: copies of stored contacts, and a list of changes.

    The list has the first contacts that the file changes, each once, and what all of its rows so
    far have made of it.
    """

    def __init__(self, connection: Connection, key: ImportKey, options: ImportOptions):
        self._connection = connection
        self._key = key
        self._options = options
        properties = options.mapped().properties.items()
        self._keys = {mapped.stored_as or key: key for key, mapped in properties}
        self._rows: dict[str, int] = {}
        self._before: dict[str, State] = {}
        self._joins: dict[str, list[str]] = {}
        self._noted: list[tuple[int, str]] = []

    @property
    def wants_changes(self) -> bool:
        """Whether the list has room for more contacts."""
        return len(self._rows) < MAX_CHANGES

    def copy_stored(self, emails: BinaryArray) -> None:
        """Copy the stored contacts of a batch."""
        parameters = {"team_id": self._key.team_id, "emails": emails}
        self._connection.execute(self._on_stored("copy_stored"), parameters, prepare=False)

    def note(self, contacts: Contacts, changed: list[str], emails: BinaryArray) -> None:
        """Remember which contacts of a batch, just merged, have changed or join."""
        if not self.wants_changes:
            return
        new = {*changed, *self._find_joining(emails)} - self._rows.keys()
        self._noted += [
            (row, email)
            for row, email in zip(contacts.rows, contacts.fields["email"], strict=True)
            if email in new
        ]

    def record_changes(self) -> None:
        """Add the first ones of what was noted of a batch, and write the list to the import."""
        self._list()
        after = self._states("states", list(self._rows))
        changes = [
            self._describe(email, row, after[email])
            for email, row in sorted(self._rows.items(), key=lambda item: item[1])
        ]
        parameters = {
            "team_id": self._key.team_id,
            "import_id": self._key.import_id,
            "changes": Json(changes),
        }
        self._connection.execute(STATEMENTS["record_changes"], parameters)

    def _on_stored(self, statement: str) -> Composed:
        """Return a statement with the names of the tables that the copies stand before."""
        names = {name: Identifier(self._schema, table) for name, table in STORED.items()}
        return SQL(STATEMENTS[statement]).format(**names)

    @cached_property
    def _schema(self) -> str:
        row: Any = self._connection.execute(STATEMENTS["find_schema"]).fetchone()
        schema: str = row[0]
        return schema

    def _find_joining(self, emails: BinaryArray) -> list[str]:
        """Return which stored contacts of a batch join a segment, if that matters."""
        upsert = self._options.on_conflict is OnConflict.UPSERT
        if not (upsert and self._options.segments):
            return []
        parameters = {**self._segment_parameters(), "emails": emails}
        query = self._on_stored("find_joining")
        cursor = self._connection.execute(query, parameters, prepare=False)
        row: Any = cursor.fetchone()
        joining: list[str] = row[0]
        return joining

    def _list(self) -> None:
        rows = sorted(self._noted)[: MAX_CHANGES - len(self._rows)]
        self._noted = []
        if not rows:
            return
        emails = [email for _, email in rows]
        # None of them was changed by an earlier batch, or it would be listed already.
        self._before |= self._states("stored_states", emails)
        self._joins |= self._find_joins(emails)
        self._rows |= {email: row for row, email in rows}

    def _find_joins(self, emails: list[str]) -> dict[str, list[str]]:
        parameters = {**self._segment_parameters(), "emails": emails}
        query = self._on_stored("find_joins")
        rows: Any = self._connection.execute(query, parameters, prepare=False)
        return dict(rows)

    def _segment_parameters(self) -> dict[str, Any]:
        team_id, segments = self._key.team_id, list(self._options.segments)
        parameters = {"team_id": team_id, "segments": segments}
        rows: Any = self._connection.execute(STATEMENTS["live_segments"], parameters)
        return {"team_id": team_id, "segments": [id_ for (id_,) in rows]}

    def _describe(self, email: str, row: int, after: State) -> dict[str, Any]:
        before = self._before.get(email)
        was_member = None if before is None else False
        joins = {
            f"segments.{segment}": {"from": was_member, "to": True}
            for segment in self._joins.get(email, ())
        }
        return {
            "row": row,
            "email": email,
            "action": "created" if before is None else "updated",
            "fields": {**_differences(before or {}, after), **joins},
        }

    def _states(self, statement: str, emails: list[str]) -> dict[str, State]:
        parameters = {"team_id": self._key.team_id, "emails": emails}
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(self._on_stored(statement), parameters, prepare=False)
            return {row.pop("email"): self._state(row) for row in cursor}

    def _state(self, row: dict[str, Any]) -> State:
        properties, topics = row.pop("properties"), row.pop("topics")
        named = {f"properties.{self._keys.get(key, key)}": properties[key] for key in properties}
        chosen = {f"topics.{topic}": choice for topic, choice in topics.items()}
        fields = {name: value for name, value in row.items() if value is not None}
        return {**fields, **named, **chosen}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"from": before.get(name), "to": value}
        for name, value in after.items()
        if name not in before or before[name] != value
    }
