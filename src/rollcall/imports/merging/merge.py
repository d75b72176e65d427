"""One batch into the database, as a set. The caller's transaction holds all of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.batching.batch import Contacts, Partition
from rollcall.imports.copying.contact_rows import encode_memberships
from rollcall.imports.copying.copy_path import CopyPath
from rollcall.imports.copying.encoded import CopyForm, EncodedBatch, EncodedPartition
from rollcall.imports.issues import Failure, RowWarning
from rollcall.imports.keys import ImportKey
from rollcall.imports.kinds import OnConflict
from rollcall.imports.merging.merged import Merged, read_ids
from rollcall.imports.merging.outcomes import record_outcomes
from rollcall.imports.options import ImportOptions

STATEMENTS = load_statements(__package__, "merge.sql")
SAMPLE_SIZE = 1000


@dataclass(frozen=True, kw_only=True)
class BatchCounts:
    """What became of the records of one batch; failures and warnings are counted by code."""

    created: int
    updated: int
    skipped: int
    failed: int
    failures: dict[str, int]
    warnings: dict[str, int]

    def by_outcome(self) -> dict[str, int]:
        """Return how many records have come to what; all of the batch together."""
        return {name: getattr(self, name) for name in ("created", "updated", "skipped", "failed")}


class DryRunObserver(Protocol):
    """What a dry run does besides merging into copies of the tables."""

    @property
    def wants_changes(self) -> bool: ...

    def copy_stored(self) -> None: ...

    def note(self, contacts: Contacts, changed: list[str]) -> None: ...

    def record_changes(self) -> None: ...


class Merger:
    """Puts batches into the database by one connection, the caller's transaction around each.

    Contacts that are all new are copied straight into their table, in less than half the time
    of a merge. Whether they are is not looked up for each of them: some are, and if one of the
    others is stored already, the COPY says so, and all take the path of those that are not new.
    """

    def __init__(
        self,
        connection: Connection,
        key: ImportKey,
        options: ImportOptions,
        copy_path: CopyPath,
        observer: DryRunObserver | None = None,
    ):
        self._connection = connection
        self._key = key
        self._options = options
        self._copy_path = copy_path
        self._observer = observer
        with connection.transaction():
            connection.execute(STATEMENTS["create_batch_table"])

    def merge(self, encoded: EncodedBatch, await_turn: Callable[[], None]) -> BatchCounts:
        """Apply a batch to contacts, memberships and failed rows.

        Args:
            encoded: the next one, or one after it while others commit those before.
            await_turn: returns when all batches before this one are committed. It is called before
                anything is touched that they may touch too, and before the end in any case.

        Raises:
            psycopg.errors.UniqueViolation, DeadlockDetected: a concurrent writer was faster; the
                batch has to be repeated in a new transaction.
        """
        batch = encoded.batch
        # A batch may have to be repeated, so what is found here is not added to the batch's own.
        warnings = list(batch.warnings)
        merged = self._merge_contacts(encoded, await_turn) if batch.accepted else Merged()
        await_turn()
        if batch.consent:
            warnings += batch.consent.warn(merged.unsubscribed)
        created = len(merged.created)
        rest = batch.accepted - created
        upsert = self._options.on_conflict is OnConflict.UPSERT
        _copy_rows(self._connection, "copy_failures", batch.failures, self._key)
        _copy_rows(self._connection, "copy_warnings", warnings, self._key)
        if batch.rows and not self._observer:
            record_outcomes(self._connection, self._key, batch.rows, merged)
        return BatchCounts(
            created=created,
            updated=rest if upsert else 0,
            skipped=0 if upsert else rest,
            failed=len(batch.failures),
            failures=dict(Counter(failure.code for failure in batch.failures)),
            warnings=dict(Counter(warning.code for warning in warnings)),
        )

    def _merge_contacts(self, encoded: EncodedBatch, await_turn: Callable[[], None]) -> Merged:
        connection = self._connection
        connection.execute(STATEMENTS["prefer_index_probes"])
        topics = self._live_topics()
        segments = self._live_segments()
        consent = encoded.batch.consent
        matters = consent is not None and not consent.unsettled.is_empty()
        merged, is_table_full = Merged(), False
        for one in encoded.partitions:
            if one.partition.is_known:
                await_turn()
            elif self._copy_directly(one, segments, topics):
                merged += Merged(created=one.partition.contacts.ids)
                continue
            if is_table_full:
                connection.execute(STATEMENTS["empty_batch_table"])
            merged += self._merge_any(one, segments, topics, consent_matters=matters)
            is_table_full = True
        if self._observer:
            self._observer.record_changes()
        return merged

    def _live_segments(self) -> list[uuid.UUID]:
        if not self._options.segments:
            return []
        parameters = {"team_id": self._key.team_id, "segments": list(self._options.segments)}
        rows: list[Any] = self._connection.execute(
            STATEMENTS["live_segments"], parameters
        ).fetchall()
        return [row[0] for row in rows]

    def _live_topics(self) -> dict[str, str]:
        topics = self._options.topics
        if not topics:
            return {}
        parameters = {"team_id": self._key.team_id, "topics": list(topics)}
        live = {row[0] for row in self._connection.execute(STATEMENTS["live_topics"], parameters)}
        return {str(topic): choice for topic, choice in topics.items() if topic in live}

    def _copy_directly(
        self, encoded: EncodedPartition, segments: list[uuid.UUID], topics: dict[str, str]
    ) -> bool:
        """Copy contacts into their table, unless some of them are or prove to be stored already."""
        # Whole rows would not go through the batch table, which tells a dry run what it needs; and
        # they are encoded with all topics, of which some may be deleted by now.
        is_possible = not self._observer and topics == self._options.topic_choices()
        is_tried = is_possible and self._seem_new(encoded.partition.contacts)
        is_done = is_tried and self._try_to_copy(encoded)
        form = CopyForm.DIRECT if is_done else CopyForm.MERGED
        self._copy_path.note(form, has_failed=is_tried and not is_done)
        if is_done:
            self._note_names(encoded.partition.contacts)
            self._copy_memberships(segments, encoded.partition.contacts)
        return is_done

    def _note_names(self, contacts: Contacts) -> None:
        """Have the names of new contacts found, if they have any: ids are in the file's order."""
        names = contacts.fields.select("first_name", "last_name")
        if all(names[column].null_count() == names.height for column in names.columns):
            return
        first, last = contacts.rows.arg_min(), contacts.rows.arg_max()
        parameters = {
            "team_id": self._key.team_id,
            "first_id": uuid.UUID(bytes=contacts.ids[first].tobytes()),
            "last_id": uuid.UUID(bytes=contacts.ids[last].tobytes()),
        }
        self._connection.execute(STATEMENTS["note_names"], parameters)

    def _seem_new(self, contacts: Contacts) -> bool:
        """Tell whether a sample of the contacts is new; all of them when they are few."""
        if not self._copy_path.may_be_direct:
            return False
        step = max(contacts.fields.height // SAMPLE_SIZE, 1)
        sample = contacts.fields["email"].gather_every(step).to_list()
        parameters = {"team_id": self._key.team_id, "emails": sample}
        return not _row(self._connection, "is_any_stored", parameters)[0]

    def _try_to_copy(self, encoded: EncodedPartition) -> bool:
        try:
            with self._connection.transaction():
                statement = "copy_new_with_topics" if self._options.topics else "copy_new"
                self._copy(statement, self._copy_path.chunks(encoded, CopyForm.DIRECT))
        except psycopg.errors.UniqueViolation:
            return False
        return True

    def _merge_any(
        self,
        encoded: EncodedPartition,
        segments: list[uuid.UUID],
        topics: dict[str, str],
        *,
        consent_matters: bool,
    ) -> Merged:
        """Merge contacts by way of the batch table."""
        parameters = {
            "team_id": self._key.team_id,
            "topics": Jsonb(topics),
            "consent_matters": consent_matters,
            "tell_changed": self._observer is not None and self._observer.wants_changes,
        }
        self._copy("copy_batch", self._copy_path.chunks(encoded, CopyForm.MERGED))
        merged = self._write(encoded.partition.contacts, parameters)
        if segments:
            self._join(segments, encoded.partition, merged)
        return merged

    def _write(self, contacts: Contacts, parameters: dict[str, Any]) -> Merged:
        """Merge the batch table into the contacts."""
        if self._observer:
            self._observer.copy_stored()
        unsubscribed: list[str] = []
        if parameters["consent_matters"] and not self._options.resubscribe:
            # Those who stay unsubscribed are not among the updated ones.
            unsubscribed = _row(self._connection, "find_unsubscribed", parameters)[0] or []
        upsert = self._options.on_conflict is OnConflict.UPSERT
        statement = "upsert_contacts" if upsert else "insert_new_contacts"
        created, changed, left, emails = _row(self._connection, statement, parameters)
        if self._observer:
            self._observer.note(contacts, emails or [])
        return Merged(
            created=read_ids(created),
            changed=read_ids(changed, per_row=2),
            unsubscribed=unsubscribed + (left or []),
        )

    def _join(self, segments: list[uuid.UUID], partition: Partition, merged: Merged) -> None:
        """Make the contacts of the batch table members of segments."""
        if len(merged.created) == partition.size:
            self._copy_memberships(segments, partition.contacts)
            return
        statements = ["add_created_to_segments"] if len(merged.created) else []
        if self._options.on_conflict is OnConflict.UPSERT:
            statements.append("add_matched_to_segments")
        parameters = {"team_id": self._key.team_id, "segments": segments}
        for statement in statements:
            self._connection.execute(STATEMENTS[statement], parameters, prepare=False)

    def _copy_memberships(self, segments: list[uuid.UUID], contacts: Contacts) -> None:
        for segment in segments:
            memberships = encode_memberships(self._key.team_id, segment, contacts)
            self._copy("copy_memberships", memberships)

    def _copy(self, statement: str, chunks: Iterable[bytes]) -> None:
        with self._connection.cursor().copy(STATEMENTS[statement]) as copy:
            for chunk in chunks:
                copy.write(chunk)


def _copy_rows(
    connection: Connection,
    statement: str,
    rows: Sequence[Failure] | Sequence[RowWarning],
    key: ImportKey,
) -> None:
    """Copy failures or warnings, whose fields are in the order of the statement's columns."""
    if not rows:
        return
    # As text, because an id that is the same on every row need not be written anew for each.
    team_id, import_id = str(key.team_id), str(key.import_id)
    with connection.cursor().copy(STATEMENTS[statement]) as copy:
        for row in rows:
            copy.write_row((team_id, import_id, *row))


def _row(connection: Connection, statement: str, parameters: dict[str, Any]) -> Any:
    """Return the one row of a statement, planned anew: tables grow while an import runs."""
    found = connection.execute(STATEMENTS[statement], parameters, prepare=False, binary=True)
    return found.fetchone()
