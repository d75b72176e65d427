"""Step 4: one batch into the database, as a set. The caller's transaction holds all of it."""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from rollcall.imports.batch import Batch, Contacts, Part, Prepared
from rollcall.imports.contact_rows import encode_any, encode_memberships, encode_new
from rollcall.imports.models import OnConflict
from rollcall.imports.reasons import Failure
from rollcall.imports.warnings import RowWarning
from rollcall.sql import load_statements

STATEMENTS = load_statements("rollcall.imports", "merge.sql")
# The two ways into the database: contacts that are all new, and any others.
NEW, ANY = "new", "any"
SAMPLE_SIZE = 1000
# Each leaves the rows behind that it had copied, until the next vacuum.
MAX_FAILED_COPIES = 3

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """What an import does with its contacts, the same for all of its batches."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    on_conflict: OnConflict
    segments: tuple[uuid.UUID, ...]
    topics: dict[uuid.UUID, str]
    resubscribe: bool = True
    dry_run: bool = False

    def topic_choices(self) -> dict[str, str]:
        """Return the topics as contacts hold them."""
        return {str(topic): choice for topic, choice in self.topics.items()}


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the records of one batch; failures and warnings are counted by code."""

    created: int
    updated: int
    skipped: int
    failed: int
    failures: dict[str, int]
    warnings: dict[str, int]


class Rehearsal(Protocol):
    """What a dry run does besides merging into copies of the tables."""

    @property
    def wants_changes(self) -> bool: ...

    def copy_stored(self) -> None: ...

    def record_changes(self, contacts: list[Contacts], changed: list[str]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Merged:
    """How many contacts were created, and who of the others had unsubscribed, where it matters."""

    created: int
    unsubscribed: list[str] = field(default_factory=list)


class Merger:
    """Puts the batches of one run into the database, the caller's transaction around each.

    Contacts that are all new are copied straight into their table, in less than half the time
    of a merge. Whether they are is not looked up for each of them: some are, and if one of the
    others is stored already, the COPY says so, and all go the way of those that are not new.
    """

    def __init__(
        self, connection: Connection, options: MergeOptions, rehearsal: Rehearsal | None = None
    ):
        self._connection = connection
        self._options = options
        self._rehearsal = rehearsal
        self._form = ANY if rehearsal else NEW
        self._failed_copies = 0
        with connection.transaction():
            connection.execute(STATEMENTS["create_batch_table"])

    def prepare(self, contacts: Contacts, is_known: bool) -> Prepared:
        """Encode contacts for the COPY they will probably take. Called from another thread."""
        return self._encode(contacts, ANY if is_known else self._form)

    def merge(self, batch: Batch) -> Counts:
        """Apply a batch to contacts, memberships and failed rows.

        Raises:
            psycopg.errors.UniqueViolation, DeadlockDetected: a concurrent writer was faster; the
                batch has to be repeated in a new transaction.
        """
        # A batch may have to be repeated, so what is found here is not added to the batch's own.
        warnings = list(batch.warnings)
        merged = self._merge_contacts(batch) if batch.parts else Merged(created=0)
        if batch.consent:
            warnings += batch.consent.warn(merged.unsubscribed)
        rest = batch.accepted - merged.created
        upsert = self._options.on_conflict is OnConflict.UPSERT
        _copy_rows(self._connection, "copy_failures", batch.failures, self._options)
        _copy_rows(self._connection, "copy_warnings", warnings, self._options)
        return Counts(
            created=merged.created,
            updated=rest if upsert else 0,
            skipped=0 if upsert else rest,
            failed=len(batch.failures),
            failures=dict(Counter(failure.code for failure in batch.failures)),
            warnings=dict(Counter(warning.code for warning in warnings)),
        )

    def _merge_contacts(self, batch: Batch) -> Merged:
        connection, options = self._connection, self._options
        connection.execute(STATEMENTS["prefer_index_probes"])
        topics = _live_topics(connection, options)
        segments = _live_segments(connection, options)
        rest = batch.parts
        # Whole rows would not go through the batch table, which tells what is to be copied.
        if topics == options.topic_choices() and not self._rehearsal:
            rest = [part for part in batch.parts if not self._copy_new(part, segments)]
        self._form = NEW if all(part.is_known for part in rest) else ANY
        copied = sum(part.size for part in batch.parts) - sum(part.size for part in rest)
        if not rest:
            return Merged(created=copied)
        merged = self._merge_any(batch, rest, segments, topics)
        return dataclasses.replace(merged, created=copied + merged.created)

    def _copy_new(self, part: Part, segments: list[uuid.UUID]) -> bool:
        """Copy contacts into their table, unless some of them are or prove to be stored already."""
        if part.is_known or not self._seem_new(part.contacts):
            return False
        try:
            with self._connection.transaction():
                statement = "copy_new_with_topics" if self._options.topics else "copy_new"
                self._copy(statement, self._pieces(part, NEW))
        except psycopg.errors.UniqueViolation:
            self._failed_copies += 1
            return False
        for segment in segments:
            memberships = encode_memberships(self._options.team_id, segment, part.contacts)
            self._copy("copy_memberships", memberships)
        return True

    def _seem_new(self, contacts: Contacts) -> bool:
        """Tell whether a sample of the contacts is new; all of them when they are few."""
        if self._failed_copies >= MAX_FAILED_COPIES:
            return False
        step = max(contacts.fields.height // SAMPLE_SIZE, 1)
        sample = contacts.fields["email"].gather_every(step).to_list()
        parameters = {"team_id": self._options.team_id, "emails": sample}
        return not _row(self._connection, "is_any_stored", parameters)[0]

    def _merge_any(
        self,
        batch: Batch,
        parts: list[Part],
        segments: list[uuid.UUID],
        topics: dict[str, str],
    ) -> Merged:
        for part in parts:
            self._copy("copy_batch", self._pieces(part, ANY))
        merged = self._write(batch, parts, topics)
        if segments:
            all_created = merged.created == sum(part.size for part in parts)
            self._join(segments, merged, all_created=all_created)
        return merged

    def _write(self, batch: Batch, parts: list[Part], topics: dict[str, str]) -> Merged:
        """Merge the batch table into the contacts."""
        matters = batch.consent is not None and not batch.consent.unsettled.is_empty()
        parameters = {
            "team_id": self._options.team_id,
            "topics": Jsonb(topics),
            "consent_matters": matters,
            "tell_changed": self._rehearsal is not None and self._rehearsal.wants_changes,
        }
        if self._rehearsal:
            self._rehearsal.copy_stored()
        unsubscribed: list[str] = []
        if matters and not self._options.resubscribe:
            # Those who stay unsubscribed are not among the updated ones.
            unsubscribed = _row(self._connection, "find_unsubscribed", parameters)[0] or []
        upsert = self._options.on_conflict is OnConflict.UPSERT
        statement = "upsert_contacts" if upsert else "insert_new_contacts"
        created, were_unsubscribed, changed = _row(self._connection, statement, parameters)
        if self._rehearsal:
            self._rehearsal.record_changes([part.contacts for part in parts], changed or [])
        return Merged(created=created, unsubscribed=unsubscribed + (were_unsubscribed or []))

    def _join(self, segments: list[uuid.UUID], merged: Merged, *, all_created: bool) -> None:
        """Make the contacts of the batch table members of segments."""
        upsert = self._options.on_conflict is OnConflict.UPSERT
        parameters = {"team_id": self._options.team_id, "segments": segments}
        if merged.created:
            self._connection.execute(
                STATEMENTS["add_created_to_segments"],
                {**parameters, "all_created": all_created},
                prepare=False,
            )
        if upsert and not all_created:
            self._connection.execute(
                STATEMENTS["add_matched_to_segments"], parameters, prepare=False
            )

    def _pieces(self, part: Part, form: str) -> Iterable[bytes]:
        if part.prepared.form == form:
            return part.prepared.pieces
        return self._encode(part.contacts, form).pieces

    def _encode(self, contacts: Contacts, form: str) -> Prepared:
        options = self._options
        pieces = (
            encode_new(contacts, options.team_id, options.topic_choices())
            if form == NEW
            else encode_any(contacts)
        )
        return Prepared(form=form, pieces=list(pieces))

    def _copy(self, statement: str, pieces: Iterable[bytes]) -> None:
        with self._connection.cursor().copy(STATEMENTS[statement]) as copy:
            for piece in pieces:
                copy.write(piece)


def _live_segments(connection: Connection, options: MergeOptions) -> list[uuid.UUID]:
    if not options.segments:
        return []
    rows: list[Any] = connection.execute(
        STATEMENTS["live_segments"],
        {"team_id": options.team_id, "segments": list(options.segments)},
    ).fetchall()
    return [row[0] for row in rows]


def _live_topics(connection: Connection, options: MergeOptions) -> dict[str, str]:
    if not options.topics:
        return {}
    rows = connection.execute(
        STATEMENTS["live_topics"], {"team_id": options.team_id, "topics": list(options.topics)}
    )
    live = {row[0] for row in rows}
    return {str(topic): choice for topic, choice in options.topics.items() if topic in live}


def _copy_rows(
    connection: Connection,
    statement: str,
    rows: Sequence[Failure] | Sequence[RowWarning],
    options: MergeOptions,
) -> None:
    """Copy failures or warnings, whose fields are in the order of the statement's columns."""
    if not rows:
        return
    # As text, because an id that is the same on every row need not be written anew for each.
    team_id, import_id = str(options.team_id), str(options.import_id)
    with connection.cursor().copy(STATEMENTS[statement]) as copy:
        for row in rows:
            copy.write_row((team_id, import_id, *row))


def _row(connection: Connection, statement: str, parameters: dict[str, Any]) -> Any:
    """Return the one row of a statement, planned anew: tables grow while an import runs."""
    return connection.execute(STATEMENTS[statement], parameters, prepare=False).fetchone()
