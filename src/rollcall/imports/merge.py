"""Step 4: one batch into the database, as a set. The caller's transaction holds all of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from rollcall.imports.batch import Batch, Contacts, Part
from rollcall.imports.contact_rows import encode_memberships
from rollcall.imports.kinds import OnConflict
from rollcall.imports.reasons import Failure
from rollcall.imports.warnings import RowWarning
from rollcall.imports.way import ANY, NEW, MergeOptions, Way
from rollcall.sql import load_statements

STATEMENTS = load_statements("rollcall.imports", "merge.sql")
SAMPLE_SIZE = 1000

Connection = psycopg.Connection[tuple[object, ...]]


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

    def note(self, contacts: Contacts, changed: list[str]) -> None: ...

    def record_changes(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Merged:
    """How many contacts were created, and who of the others had unsubscribed, where it matters."""

    created: int = 0
    unsubscribed: list[str] = field(default_factory=list)

    def __add__(self, other: Merged) -> Merged:
        return Merged(
            created=self.created + other.created,
            unsubscribed=self.unsubscribed + other.unsubscribed,
        )


class Merger:
    """Puts batches into the database by one connection, the caller's transaction around each.

    Contacts that are all new are copied straight into their table, in less than half the time
    of a merge. Whether they are is not looked up for each of them: some are, and if one of the
    others is stored already, the COPY says so, and all go the way of those that are not new.
    """

    def __init__(self, connection: Connection, way: Way, rehearsal: Rehearsal | None = None):
        self._connection = connection
        self._way = way
        self._options = way.options
        self._rehearsal = rehearsal
        with connection.transaction():
            connection.execute(STATEMENTS["create_batch_table"])

    def merge(self, batch: Batch, await_turn: Callable[[], None]) -> Counts:
        """Apply a batch to contacts, memberships and failed rows.

        Args:
            batch: the next one, or one after it while others commit those before.
            await_turn: returns when all batches before this one are committed. It is called before
                anything is touched that they may touch too, and before the end in any case.

        Raises:
            psycopg.errors.UniqueViolation, DeadlockDetected: a concurrent writer was faster; the
                batch has to be repeated in a new transaction.
        """
        # A batch may have to be repeated, so what is found here is not added to the batch's own.
        warnings = list(batch.warnings)
        merged = self._merge_contacts(batch, await_turn) if batch.parts else Merged()
        await_turn()
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

    def _merge_contacts(self, batch: Batch, await_turn: Callable[[], None]) -> Merged:
        connection, options = self._connection, self._options
        connection.execute(STATEMENTS["prefer_index_probes"])
        topics = _live_topics(connection, options)
        segments = _live_segments(connection, options)
        matters = batch.consent is not None and not batch.consent.unsettled.is_empty()
        merged, is_table_full = Merged(), False
        for part in batch.parts:
            if part.is_known:
                await_turn()
            elif self._copy_new(part, segments, topics):
                merged += Merged(created=part.size)
                continue
            if is_table_full:
                connection.execute(STATEMENTS["empty_batch_table"])
            merged += self._merge_any(part, segments, topics, consent_matters=matters)
            is_table_full = True
        if self._rehearsal:
            self._rehearsal.record_changes()
        return merged

    def _copy_new(self, part: Part, segments: list[uuid.UUID], topics: dict[str, str]) -> bool:
        """Copy contacts into their table, unless some of them are or prove to be stored already."""
        # Whole rows would not go through the batch table, which tells a rehearsal what it needs;
        # and they are encoded with all topics, of which some may be deleted by now.
        whole = not self._rehearsal and topics == self._options.topic_choices()
        done = whole and self._seem_new(part.contacts) and self._try_to_copy(part)
        self._way.note(all_new=done)
        if done:
            self._copy_memberships(segments, part.contacts)
        return done

    def _seem_new(self, contacts: Contacts) -> bool:
        """Tell whether a sample of the contacts is new; all of them when they are few."""
        if not self._way.may_copy:
            return False
        step = max(contacts.fields.height // SAMPLE_SIZE, 1)
        sample = contacts.fields["email"].gather_every(step).to_list()
        parameters = {"team_id": self._options.team_id, "emails": sample}
        return not _row(self._connection, "is_any_stored", parameters)[0]

    def _try_to_copy(self, part: Part) -> bool:
        try:
            with self._connection.transaction():
                statement = "copy_new_with_topics" if self._options.topics else "copy_new"
                self._copy(statement, self._way.pieces(part, NEW))
        except psycopg.errors.UniqueViolation:
            self._way.note_failed_copy()
            return False
        return True

    def _merge_any(
        self,
        part: Part,
        segments: list[uuid.UUID],
        topics: dict[str, str],
        *,
        consent_matters: bool,
    ) -> Merged:
        """Merge contacts by way of the batch table."""
        parameters = {
            "team_id": self._options.team_id,
            "topics": Jsonb(topics),
            "consent_matters": consent_matters,
            "tell_changed": self._rehearsal is not None and self._rehearsal.wants_changes,
        }
        self._copy("copy_batch", self._way.pieces(part, ANY))
        merged = self._write(part, parameters)
        if segments:
            self._join(segments, part, merged)
        return merged

    def _write(self, part: Part, parameters: dict[str, Any]) -> Merged:
        """Merge the batch table into the contacts."""
        if self._rehearsal:
            self._rehearsal.copy_stored()
        unsubscribed: list[str] = []
        if parameters["consent_matters"] and not self._options.resubscribe:
            # Those who stay unsubscribed are not among the updated ones.
            unsubscribed = _row(self._connection, "find_unsubscribed", parameters)[0] or []
        upsert = self._options.on_conflict is OnConflict.UPSERT
        statement = "upsert_contacts" if upsert else "insert_new_contacts"
        created, were_unsubscribed, changed = _row(self._connection, statement, parameters)
        if self._rehearsal:
            self._rehearsal.note(part.contacts, changed or [])
        return Merged(created=created, unsubscribed=unsubscribed + (were_unsubscribed or []))

    def _join(self, segments: list[uuid.UUID], part: Part, merged: Merged) -> None:
        """Make the contacts of the batch table members of segments."""
        if merged.created == part.size:
            self._copy_memberships(segments, part.contacts)
            return
        statements = ["add_created_to_segments"] if merged.created else []
        if self._options.on_conflict is OnConflict.UPSERT:
            statements.append("add_matched_to_segments")
        parameters = {"team_id": self._options.team_id, "segments": segments}
        for statement in statements:
            self._connection.execute(STATEMENTS[statement], parameters, prepare=False)

    def _copy_memberships(self, segments: list[uuid.UUID], contacts: Contacts) -> None:
        for segment in segments:
            memberships = encode_memberships(self._options.team_id, segment, contacts)
            self._copy("copy_memberships", memberships)

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
