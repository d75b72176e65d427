"""Between 3 and 4: mapped chunks → batches of distinct contacts, sorted by their addresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from rollcall.imports.consent import Consent, find_consent, is_repeated
from rollcall.imports.kinds import OnConflict
from rollcall.imports.mapping import Mapped, Plan
from rollcall.imports.parse import START, Place
from rollcall.imports.properties_json import properties_json
from rollcall.imports.reasons import Failure
from rollcall.imports.seen import SeenEmails
from rollcall.imports.warnings import RowWarning, repeated_emails

FIRST_BATCH_ROWS = 10_000
MAX_BATCH_BYTES = 32 * 1024 * 1024
FIELDS = {"first_name": pl.String, "last_name": pl.String, "unsubscribed": pl.Boolean}


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """Distinct contacts in the order of their addresses.

    `fields` has the columns `email`, `first_name`, `last_name`, `unsubscribed`, `properties` (as
    jsonb is sent) and `churned`; null is "no value". `ids` is an array of 16 bytes for each
    row, the id that the contact gets if it is created. `rows` are the first rows of the file that
    have the address.
    """

    fields: pl.DataFrame
    ids: npt.NDArray[np.uint8]
    rows: pl.Series


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Contacts as a COPY takes them; `form` is the name of the COPY."""

    form: str
    pieces: list[bytes]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Contacts of a batch: those that an earlier batch of the file had, or all others.

    `prepared` are the same contacts in the form in which they will probably be sent, made while
    the database was busy with the batch before.
    """

    contacts: Contacts
    prepared: Prepared
    is_known: bool

    @property
    def size(self) -> int:
        """The number of contacts."""
        return self.contacts.fields.height


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The records up to `last_row` that no earlier batch had.

    `parts` are what the `accepted` records come to, none when there are none. Reading can go on
    at `resume`. `consent` are the records that say "subscribed", where that may deserve a warning.
    """

    parts: list[Part]
    accepted: int
    failures: list[Failure]
    last_row: int
    resume: Place
    is_last: bool
    warnings: list[RowWarning] = field(default_factory=list)
    consent: Consent | None = None


@dataclass(kw_only=True)
class Batcher:
    """Makes batches of mapped chunks. The first one has the `warnings` of the file as a whole.

    `seen` are the addresses of the file's earlier records; those of each batch are added.

    The ids of contacts are given out here, in file order: a list shows an import's contacts in
    the order of its file, whatever order they are merged in.
    """

    plan: Plan
    on_conflict: OnConflict
    max_rows: int
    prepare: Callable[[Contacts, bool], Prepared]
    resubscribe: bool = True
    seen: SeenEmails = field(default_factory=SeenEmails)
    warnings: list[RowWarning] = field(default_factory=list)
    _ids: IdSource = field(default_factory=lambda: IdSource())  # noqa: PLW0108  (defined below)

    def batches(self, chunks: Iterable[Mapped]) -> Iterator[Batch]:
        """Yield batches of about `max_rows` records; the last one is marked, and may be empty.

        The first ones are smaller: the database has something to do, and whoever watches
        something to see, as soon as the first chunk is read.
        """
        pending: list[Mapped] = []
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

    def _make(self, chunks: list[Mapped], *, is_last: bool) -> Batch:
        accepted = sum(chunk.contacts.height for chunk in chunks)
        last_row = chunks[-1].last_row if chunks else 0
        parts: list[Part] = []
        consent = None
        warnings, self.warnings = self.warnings, []
        if accepted:
            records = pl.concat(chunk.contacts for chunk in chunks).sort("email", "row")
            repeated = is_repeated(records["email"])
            contacts = self._collapse(records, repeated)
            known = self.seen.add(contacts["email"], last_row)
            column = self.plan.targets[0].column
            warnings = [
                *warnings,
                *repeated_emails(records.select("row", "email").filter(repeated), column),
                *repeated_emails(contacts.select("row", "email").filter(known), column),
            ]
            consent = self._find_consent(records)
            parts = self._parts(contacts, known)
        else:
            self.seen.add(pl.Series([], dtype=pl.String), last_row)
        return Batch(
            parts=parts,
            accepted=accepted,
            failures=[failure for chunk in chunks for failure in chunk.failures],
            last_row=last_row,
            resume=chunks[-1].resume if chunks else START,
            is_last=is_last,
            warnings=[*warnings, *(warning for chunk in chunks for warning in chunk.warnings)],
            consent=consent,
        )

    def _parts(self, contacts: pl.DataFrame, known: pl.Series) -> list[Part]:
        """Divide contacts, which are sorted, by whether an earlier batch had their address."""
        whole = self._finish(contacts)
        parts = []
        for is_known, mask in ((False, ~known), (True, known)):
            if mask.any():
                part = Contacts(
                    fields=whole.fields.filter(mask),
                    ids=whole.ids[mask.to_numpy()],
                    rows=whole.rows.filter(mask),
                )
                prepared = self.prepare(part, is_known)
                parts.append(Part(contacts=part, prepared=prepared, is_known=is_known))
        return parts

    def _find_consent(self, records: pl.DataFrame) -> Consent | None:
        """Return the rows that say "subscribed"; a contact that is skipped does not hear them."""
        if "unsubscribed" not in records.columns or self.on_conflict is OnConflict.SKIP:
            return None
        column = self.plan.targets[0].column
        return find_consent(records, column, resubscribe=self.resubscribe)

    def _collapse(self, contacts: pl.DataFrame, repeated: pl.Series) -> pl.DataFrame:
        """Make one row of all records of an address, as if they had come one after the other.

        When contacts are updated, the last value of each field holds; when they are skipped,
        the first record does. The records come in the order of `email`, `row`; `repeated` tells
        which of them have the address of the one before.
        """
        contacts = contacts.with_columns(churned=pl.lit(False))
        if not self.resubscribe and "unsubscribed" in contacts.columns:
            # A new contact is subscribed anyway, and on all others the word has no effect.
            only_true = pl.when(pl.col("unsubscribed")).then(pl.lit(True))
            contacts = contacts.with_columns(only_true.alias("unsubscribed"))
        if not repeated.any():
            return contacts
        if self.on_conflict is OnConflict.SKIP:
            return contacts.filter(~repeated)
        several = repeated | repeated.shift(-1, fill_value=False)
        names = [target.field for target in self.plan.targets if target.field != "email"]
        differ = [pl.col(name).min().ne_missing(pl.col(name).max()) for name in names]
        collapsed = (
            contacts.filter(several)
            .group_by("email", maintain_order=True)
            .agg(
                *(pl.col(name).drop_nulls().last() for name in names),
                churned=pl.any_horizontal(pl.lit(False), *differ),
            )
        )
        firsts = contacts.filter(~repeated)
        places = several.filter(~repeated).arg_true()
        return firsts.with_columns(
            firsts[name].scatter(places, collapsed[name]) for name in [*names, "churned"]
        )

    def _finish(self, contacts: pl.DataFrame) -> Contacts:
        missing = [
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in FIELDS.items()
            if name not in contacts.columns
        ]
        properties = properties_json(self.plan.properties).alias("properties")
        ordinals = _ordinals(contacts["row"].to_numpy())
        fields = contacts.with_columns(*missing).select("email", *FIELDS, "churned", properties)
        return Contacts(fields=fields, ids=self._ids.take(ordinals), rows=contacts["row"])


class IdSource:
    """Gives out UUIDv7 (RFC 9562) whose order is the order of the ordinals, batch after batch.

    48 bits of milliseconds, 20 bits of ordinal where the RFC allows a counter, 54 random bits.
    """

    ORDINALS = 1 << 20

    def __init__(self) -> None:
        self._last = 0
        self._random = np.random.default_rng()

    def take(self, ordinals: np.ndarray) -> npt.NDArray[np.uint8]:
        """Return an id of 16 bytes for each ordinal of a batch."""
        ordinal = ordinals.astype(np.uint64)
        # A batch larger than the counter takes up more milliseconds than one.
        milliseconds = np.uint64(self._next(len(ordinals))) + ordinal // np.uint64(self.ORDINALS)
        counter = ordinal % np.uint64(self.ORDINALS)
        ids = np.empty((len(ordinals), 2), dtype=">u8")
        version, variant = np.uint64(0x7000), np.uint64(1 << 63)
        ids[:, 0] = (milliseconds << np.uint64(16)) | version | (counter >> np.uint64(8))
        ids[:, 1] = (
            variant
            | ((counter & np.uint64(0xFF)) << np.uint64(54))
            | self._random.integers(0, 1 << 54, len(ordinals), dtype=np.uint64)
        )
        return ids.view(np.uint8)

    def _next(self, count: int) -> int:
        first = max(time.time_ns() // 1_000_000, self._last + 1)
        self._last = first + count // self.ORDINALS
        return first


def _ordinals(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return of each number how many of the others are smaller; none is there twice."""
    places = rows - rows.min()
    there = np.zeros(int(places.max()) + 1, np.int64)
    there[places] = 1
    smaller: npt.NDArray[np.int64] = np.cumsum(there)[places] - 1
    return smaller


def _records(chunks: list[Mapped]) -> int:
    """Return how many records these are, blank ones included: they too are progress."""
    return sum(chunk.last_row - chunk.first_row + 1 for chunk in chunks)


def _cut(chunk: Mapped, rows: int) -> tuple[Mapped, Mapped]:
    """Cut a chunk in two behind its first records. Reading can only go on where it begins."""
    cut = chunk.first_row + rows
    # Contacts are in the order of their rows.
    height = int(chunk.contacts["row"].search_sorted(cut))
    head = Mapped(
        contacts=chunk.contacts.head(height),
        failures=[failure for failure in chunk.failures if failure.row < cut],
        warnings=[warning for warning in chunk.warnings if warning.row < cut],
        first_row=chunk.first_row,
        last_row=cut - 1,
        start=chunk.start,
        resume=chunk.start,
    )
    tail = Mapped(
        contacts=chunk.contacts.slice(height),
        failures=[failure for failure in chunk.failures if failure.row >= cut],
        warnings=[warning for warning in chunk.warnings if warning.row >= cut],
        first_row=cut,
        last_row=chunk.last_row,
        start=chunk.start,
        resume=chunk.resume,
    )
    return head, tail
