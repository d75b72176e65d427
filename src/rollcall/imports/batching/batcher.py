"""Mapped chunks → batches of distinct contacts, sorted by their addresses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from rollcall.imports.batching.accepted_rows import find_accepted_rows
from rollcall.imports.batching.batch import Batch, Contacts, Partition
from rollcall.imports.batching.collapse import collapse_records
from rollcall.imports.batching.consent import Consent, find_consent
from rollcall.imports.batching.duplicates import is_repeated, repeated_emails
from rollcall.imports.batching.ids import IdSource, own_clock
from rollcall.imports.batching.properties_json import properties_json
from rollcall.imports.batching.seen import SeenEmails
from rollcall.imports.checkpoint import START
from rollcall.imports.issues import RowWarning
from rollcall.imports.kinds import OnConflict
from rollcall.imports.mapping.mapper import MappedChunk
from rollcall.imports.mapping.plan import Plan

FIRST_BATCH_ROWS = 10_000
MAX_BATCH_BYTES = 32 * 1024 * 1024
FIELDS = {"first_name": pl.String, "last_name": pl.String, "unsubscribed": pl.Boolean}
NO_RECORDS = pl.DataFrame(schema={"row": pl.Int64, "email": pl.String})


@dataclass(kw_only=True)
class Batcher:
    """Makes batches of mapped chunks. The first one has the `warnings` of the file as a whole.

    `seen` are the addresses of the file's earlier records; those of each batch are added. `now` is
    the time that ids are made with, in milliseconds since 1970.

    The ids of contacts are given out here, in file order: a list shows an import's contacts in
    the order of its file, whatever order they are merged in.
    """

    plan: Plan
    on_conflict: OnConflict
    max_rows: int
    seen: SeenEmails
    resubscribe: bool = True
    warnings: list[RowWarning] = field(default_factory=list)
    now: Callable[[], int] = own_clock

    def __post_init__(self) -> None:
        self._ids = IdSource(self.now)
        self._numbers = itertools.count()

    def batches(self, chunks: Iterable[MappedChunk]) -> Iterator[Batch]:
        """Yield batches of about `max_rows` records; the last one is marked, and may be empty.

        The first ones are smaller: the database has something to do, and whoever watches
        something to see, as soon as the first chunk is read.
        """
        pending: list[MappedChunk] = []
        size, max_rows = 0, min(FIRST_BATCH_ROWS, self.max_rows)
        for chunk in chunks:
            rest = chunk
            while _records(pending) + _records([rest]) > max_rows or size > MAX_BATCH_BYTES:
                room = max_rows - _records(pending) if size <= MAX_BATCH_BYTES else 0
                head, rest = _cut(rest, room)
                yield self._make([*pending, head] if room else pending, is_last=False)
                pending, size = [], 0
                max_rows = min(2 * max_rows, self.max_rows)
            pending.append(rest)
            size += int(rest.contacts.estimated_size())
        yield self._make(pending, is_last=True)

    def _make(self, chunks: list[MappedChunk], *, is_last: bool) -> Batch:
        last_row = chunks[-1].last_row if chunks else 0
        records = _accepted(chunks).sort("email", "row")
        repeated = is_repeated(records["email"])
        contacts = self._collapse(records, repeated)
        known = self.seen.add(contacts["email"], last_row)
        whole = self._finish(contacts) if records.height else None
        return Batch(
            number=next(self._numbers),
            partitions=_divide(whole, known) if whole else [],
            accepted=records.height,
            failures=[failure for chunk in chunks for failure in chunk.failures],
            last_row=last_row,
            resume=chunks[-1].resume if chunks else START,
            is_last=is_last,
            warnings=[
                *self._warnings_of_the_file(),
                *self._warn_of_repeated(records.filter(repeated)),
                *self._warn_of_repeated(contacts.filter(known)),
                *(warning for chunk in chunks for warning in chunk.warnings),
            ],
            rows=find_accepted_rows(records, repeated, whole.ids) if whole else None,
            consent=self._find_consent(records),
        )

    def _collapse(self, records: pl.DataFrame, repeated: pl.Series) -> pl.DataFrame:
        return collapse_records(
            records,
            repeated,
            fields=[field for field in self.plan.fields if field != "email"],
            on_conflict=self.on_conflict,
            resubscribe=self.resubscribe,
        )

    def _finish(self, contacts: pl.DataFrame) -> Contacts:
        missing = [
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in FIELDS.items()
            if name not in contacts.columns
        ]
        properties = properties_json(contacts, self.plan.properties).alias("properties")
        fields = contacts.with_columns(*missing).select("email", *FIELDS, "conflicting", properties)
        rows = contacts["row"].to_numpy()
        # So an id of a batch tells the row that it was made for.
        return Contacts(fields=fields, ids=self._ids.take(rows - rows.min()), rows=contacts["row"])

    def _warnings_of_the_file(self) -> list[RowWarning]:
        """Return them once."""
        warnings, self.warnings = self.warnings, []
        return warnings

    def _warn_of_repeated(self, records: pl.DataFrame) -> list[RowWarning]:
        return repeated_emails(records, self.plan.targets[0].column)

    def _find_consent(self, records: pl.DataFrame) -> Consent | None:
        """Return the rows that say "subscribed"; a contact that is skipped does not hear them."""
        if "unsubscribed" not in records.columns or self.on_conflict is OnConflict.SKIP:
            return None
        column = self.plan.targets[0].column
        return find_consent(records, column, resubscribe=self.resubscribe)


def _divide(whole: Contacts, known: pl.Series) -> list[Partition]:
    """Divide contacts, which are sorted, by whether an earlier batch had their address."""
    return [
        Partition(contacts=whole.filter(mask), is_known=is_known)
        for is_known, mask in ((False, ~known), (True, known))
        if mask.any()
    ]


def _records(chunks: list[MappedChunk]) -> int:
    """Return how many records these are, blank ones included: they too are progress."""
    return sum(chunk.last_row - chunk.first_row + 1 for chunk in chunks)


def _accepted(chunks: list[MappedChunk]) -> pl.DataFrame:
    return pl.concat(chunk.contacts for chunk in chunks) if chunks else NO_RECORDS


def _cut(chunk: MappedChunk, rows: int) -> tuple[MappedChunk, MappedChunk]:
    """Cut a chunk in two behind its first records. Reading can only go on where it begins."""
    cut = chunk.first_row + rows
    # Contacts are in the order of their rows.
    height = int(chunk.contacts["row"].search_sorted(cut))
    head = replace(
        chunk,
        contacts=chunk.contacts.head(height),
        failures=[failure for failure in chunk.failures if failure.row < cut],
        warnings=[warning for warning in chunk.warnings if warning.row < cut],
        last_row=cut - 1,
        resume=chunk.start,
    )
    tail = replace(
        chunk,
        contacts=chunk.contacts.slice(height),
        failures=[failure for failure in chunk.failures if failure.row >= cut],
        warnings=[warning for warning in chunk.warnings if warning.row >= cut],
        first_row=cut,
    )
    return head, tail
