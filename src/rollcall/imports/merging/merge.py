"""One batch into the database, as a set. The caller's transaction holds all of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import numpy as np
import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from rollcall.database.connections import Connection
from rollcall.imports.batching.batch import Contacts
from rollcall.imports.copying.contact_rows import encode_memberships
from rollcall.imports.copying.copy_path import CopyPath
from rollcall.imports.copying.encoded import CopyForm, EncodedBatch, EncodedPartition
from rollcall.imports.issues import Failure, RowWarning
from rollcall.imports.keys import ImportKey
from rollcall.imports.kinds import OnConflict
from rollcall.imports.merging.arrays import BinaryArray, as_parameters, emails_of, register
from rollcall.imports.merging.merged import ID_BYTES, Merged, are_among
from rollcall.imports.merging.outcomes import record_outcomes
from rollcall.imports.merging.stored import STATEMENTS, StoredContacts, fetch_row
from rollcall.imports.options import ImportOptions

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

    def copy_stored(self, emails: BinaryArray) -> None: ...

    def note(self, contacts: Contacts, changed: list[str], emails: BinaryArray) -> None: ...

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
        register(connection)

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
        consent = encoded.batch.consent
        topics = self._live_topics()
        segments = self._live_segments()
        parameters = {
            "team_id": self._key.team_id,
            "topics": Jsonb(topics),
            "now": self._begin(),
            "consent_matters": consent is not None and not consent.unsettled.is_empty(),
        }
        merged = Merged()
        for one in encoded.partitions:
            if one.partition.is_known:
                await_turn()
            elif self._copy_directly(one, segments, topics):
                merged += Merged(created=one.partition.contacts.ids)
                continue
            merged += self._merge_any(one, segments, topics, parameters)
        if self._observer:
            self._observer.record_changes()
        return merged

    def _begin(self) -> datetime:
        """Prepare the transaction; return its time, by the database's clock."""
        cursor = self._connection.execute(STATEMENTS["begin"])
        while cursor.nextset():
            pass
        (now,) = cast("tuple[datetime]", cursor.fetchone())
        return now

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
        # A dry run wants to know what becomes of each contact; and whole rows are encoded with all
        # topics, of which some may be deleted by now.
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
        return not fetch_row(self._connection, "is_any_stored", parameters)[0]

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
        parameters: dict[str, Any],
    ) -> Merged:
        """Merge contacts of which some may be stored."""
        contacts = encoded.partition.contacts
        arrays = as_parameters(self._copy_path.chunks(encoded, CopyForm.MERGED))
        if self._observer:
            self._observer.copy_stored(emails_of(contacts))
        merged = self._write(
            StoredContacts(
                connection=self._connection,
                copy_path=self._copy_path,
                contacts=contacts,
                parameters={**parameters, **arrays},
                topics=topics,
            )
        )
        if self._observer:
            self._note(self._observer, contacts, merged)
        if segments:
            self._join(segments, contacts, merged)
        return merged

    def _write(self, stored: StoredContacts) -> Merged:
        parameters = stored.parameters
        unsubscribed: list[str] = []
        if parameters["consent_matters"] and not self._options.resubscribe:
            # Those who stay unsubscribed are not among the updated ones.
            unsubscribed = fetch_row(self._connection, "find_unsubscribed", parameters)[0] or []
        upsert = self._options.on_conflict is OnConflict.UPSERT
        merged = stored.upsert() if upsert else stored.create_missing()
        return merged + Merged(unsubscribed=unsubscribed)

    def _note(self, observer: DryRunObserver, contacts: Contacts, merged: Merged) -> None:
        written = np.concatenate([merged.created, merged.changed[:, :ID_BYTES]])
        emails = contacts.fields["email"].filter(pl.Series(are_among(contacts.ids, written)))
        observer.note(contacts, emails.to_list(), emails_of(contacts))

    def _join(self, segments: list[uuid.UUID], contacts: Contacts, merged: Merged) -> None:
        """Make contacts members of segments, just created ones and those that were stored."""
        are_created = pl.Series(are_among(contacts.ids, merged.created))
        created, others = contacts.filter(are_created), contacts.filter(~are_created)
        if created.fields.height:
            self._copy_memberships(segments, created)
        if others.fields.height and self._options.on_conflict is OnConflict.UPSERT:
            parameters = {
                "team_id": self._key.team_id,
                "segments": segments,
                "emails": emails_of(others),
            }
            self._connection.execute(
                STATEMENTS["add_stored_to_segments"], parameters, prepare=False
            )

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
    """Copy failures or warnings, whose fields are in the order of the statement's columns.

    Where there are none, too: on a cluster a transaction with a COPY commits in two phases, and
    without one, contacts could be committed on their node and the counts be lost.
    """
    # As text, because an id that is the same on every row need not be written anew for each.
    team_id, import_id = str(key.team_id), str(key.import_id)
    with connection.cursor().copy(STATEMENTS[statement]) as copy:
        for row in rows:
            copy.write_row((team_id, import_id, *row))
