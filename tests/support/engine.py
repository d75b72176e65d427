"""Run the engine as a test sees it: bytes and options in, contacts and counts out."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

import obstore
import psycopg
from psycopg.types.json import Json, Jsonb

from rollcall.config import Settings
from rollcall.imports.kinds import Lane, OnConflict
from rollcall.imports.options import ImportOptions
from rollcall.imports.running import claims
from rollcall.imports.running.paused import PausedEmails
from rollcall.imports.running.run import RunLimits, RunMeans, RunOutcome, run_import
from rollcall.storage.objects import Storage
from rollcall.topics.subscriptions import Subscription
from tests.support import oracle
from tests.support.outcomes import Result, contacts_of, result_of
from tests.support.pipeline import read_header


def means_of(
    settings: Settings, stop: threading.Event | None = None, paused: PausedEmails | None = None
) -> RunMeans:
    """Return what a worker would give a run."""
    return RunMeans(
        storage=Storage(settings.storage_url),
        connect=lambda: psycopg.connect(settings.psycopg_dsn, autocommit=True),
        stop=stop or threading.Event(),
        paused=paused or PausedEmails(),
    )


def run_next(
    settings: Settings,
    batch_rows: int = 100_000,
    stop: threading.Event | None = None,
    paused: PausedEmails | None = None,
    connections: int = 1,
) -> tuple[uuid.UUID, RunOutcome]:
    """Run the import whose turn it is as a worker does; return its id and how the run ended."""
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        found = (claims.claim_next(connection, lane, lease_seconds=15) for lane in Lane)
        claim = next(filter(None, found))
        means = means_of(settings, stop, paused)
        limits = RunLimits(batch_rows=batch_rows, connections=connections)
        outcome = run_import(connection, claim, means, limits)
    return claim.lease.import_id, outcome


@dataclass
class Engine:
    """One team's contacts, and the means to import into them."""

    connection: psycopg.Connection[Any]
    settings: Settings
    team_id: uuid.UUID = field(default_factory=uuid.uuid4)
    batch_rows: int = 100_000
    paused: PausedEmails | None = None
    connections: int = 1
    imported: list[uuid.UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = Storage(self.settings.storage_url)
        self.connection.execute(
            "INSERT INTO teams (team_id, name) VALUES (%s, %s)", (self.team_id, str(self.team_id))
        )

    def run(
        self,
        data: bytes,
        options: oracle.Options,
        *,
        pausing: bool = False,
        dry_run: bool = False,
    ) -> Result:
        """Import a file from beginning to end; when `pausing`, in a run for each batch."""
        import_id = self.create(data, options, dry_run=dry_run)
        self.imported.append(import_id)
        stop = threading.Event()
        if pausing:
            stop.set()
        while (outcome := self.work(import_id, stop)) is RunOutcome.PAUSED:
            assert pausing
        assert outcome is RunOutcome.COMPLETED
        return self.result(import_id)

    def create(self, data: bytes, options: oracle.Options, *, dry_run: bool = False) -> uuid.UUID:
        """Store a file and its import as an upload does."""
        dialect, column_map = read_header(data, options)
        key = f"{self.team_id}/{uuid.uuid4()}"
        obstore.put(self.storage._store, key, data)
        asked = ImportOptions(
            column_map=column_map,
            on_conflict=OnConflict(options.on_conflict),
            segments=tuple(map(uuid.UUID, options.segments)),
            topics={uuid.UUID(topic): Subscription(choice) for topic, choice in options.topics},
            resubscribe=options.resubscribe,
            dry_run=dry_run,
        )
        values = {
            "team_id": str(self.team_id),
            "object_key": key,
            "size": len(data),
            "sha256": "",
            "dialect": dialect.as_json(),
            **asked.as_row(),
        }
        names = ", ".join(values)
        row = self.connection.execute(
            f"INSERT INTO contact_imports ({names})"
            f" SELECT {names} FROM json_populate_record(NULL::contact_imports, %s) RETURNING id",
            (Json(values),),
        ).fetchone()
        assert row is not None
        import_id: uuid.UUID = row[0]
        return import_id

    def work(self, import_id: uuid.UUID, stop: threading.Event | None = None) -> RunOutcome:
        """Run the import whose turn it is, which has to be this one, on its own connection."""
        claimed, outcome = run_next(
            self.settings, self.batch_rows, stop, self.paused, self.connections
        )
        assert claimed == import_id
        return outcome

    def result(self, import_id: uuid.UUID) -> Result:
        """Return what the import's rows say."""
        return result_of(self.connection, import_id)

    def store(self, contacts: dict[str, oracle.Contact]) -> None:
        """Store contacts as if they had been there before; each a moment after the last."""
        for contact in contacts.values():
            row = self.connection.execute(
                """INSERT INTO contacts
                (team_id, email, first_name, last_name, unsubscribed, properties, topics)
                VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id""",
                (
                    self.team_id,
                    contact.email,
                    contact.first_name,
                    contact.last_name,
                    contact.unsubscribed,
                    Jsonb(contact.properties),
                    Jsonb(contact.topics),
                ),
            ).fetchone()
            assert row is not None
            for segment in contact.segments:
                self.connection.execute(
                    "INSERT INTO segment_memberships (team_id, segment_id, contact_id)"
                    " VALUES (%s, %s, %s)",
                    (self.team_id, segment, row[0]),
                )

    def everything(self) -> list[Any]:
        """Return all that is stored besides imports, with who has written it last."""
        tables = ("contacts", "segment_memberships", "contact_properties", "segments", "topics")
        return [
            self.connection.execute(f"SELECT ctid, xmin, t FROM {table} AS t ORDER BY 1").fetchall()
            for table in tables
        ]

    def define(self, segments: tuple[str, ...], topics: tuple[str, ...]) -> None:
        """Make segments and topics with these ids."""
        for segment in segments:
            self.connection.execute(
                "INSERT INTO segments (team_id, id, name) VALUES (%s, %s, 'segment')",
                (self.team_id, segment),
            )
        for topic in topics:
            self.connection.execute(
                "INSERT INTO topics (team_id, id, name, default_subscription)"
                " VALUES (%s, %s, 'topic', 'opt_out')",
                (self.team_id, topic),
            )

    def contacts(self) -> dict[str, oracle.Contact]:
        """Return all contacts in the order of their ids, which is that of their creation."""
        return contacts_of(self.connection, self.team_id)
