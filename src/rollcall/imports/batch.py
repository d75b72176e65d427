"""Between 3 and 4: mapped chunks → batches of distinct contacts, sorted and encoded for COPY."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from rollcall.imports.mapping import Failure, Mapped, Plan, Target
from rollcall.imports.models import OnConflict
from rollcall.imports.warnings import RowWarning
from rollcall.properties.values import PropertyType

# Bytes that hardly ever stand in a cell, so that JSON needs no doubling of its quotes.
DELIMITER = "\x02"
QUOTE = "\x01"
MAX_BATCH_BYTES = 32 * 1024 * 1024
CONTROL = [chr(code) for code in range(0x20)]
JSON_SPECIAL = ['"', "\\", *CONTROL]
JSON_ESCAPED = [json.dumps(character)[1:-1] for character in JSON_SPECIAL]
COLUMNS = ["id", "email", "first_name", "last_name", "unsubscribed", "properties", "churned"]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The records up to `last_row` that no earlier batch had.

    `rows` are `distinct` contacts in the CSV form of the statement `copy_batch`; `accepted` is
    the number of records they were made of.
    """

    rows: bytes
    accepted: int
    distinct: int
    failures: list[Failure]
    last_row: int
    is_last: bool
    warnings: list[RowWarning] = field(default_factory=list)


@dataclass(kw_only=True)
class Batcher:
    """Makes batches of mapped chunks. The first one has the `warnings` of the file as a whole.

    The ids of contacts are given out here, in file order: a list shows an import's contacts in
    the order of its file, whatever order they are merged in.
    """

    plan: Plan
    on_conflict: OnConflict
    max_rows: int
    warnings: list[RowWarning] = field(default_factory=list)
    _ids: IdSource = field(default_factory=lambda: IdSource())  # noqa: PLW0108  (defined below)

    def batches(self, chunks: Iterable[Mapped]) -> Iterator[Batch]:
        """Yield batches of about `max_rows` records; the last one is marked, and may be empty."""
        pending: list[Mapped] = []
        size = 0
        for chunk in chunks:
            for part in _split(chunk, self.max_rows):
                if pending and (
                    _records(pending) + _records([part]) > self.max_rows or size > MAX_BATCH_BYTES
                ):
                    yield self._make(pending, is_last=False)
                    pending, size = [], 0
                pending.append(part)
                size += int(part.contacts.estimated_size())
        yield self._make(pending, is_last=True)

    def _make(self, chunks: list[Mapped], *, is_last: bool) -> Batch:
        accepted = sum(chunk.contacts.height for chunk in chunks)
        rows, distinct = b"", 0
        if accepted:
            contacts = self._collapse(pl.concat([chunk.contacts for chunk in chunks]))
            rows, distinct = self._encode(contacts), contacts.height
        of_file, self.warnings = self.warnings, []
        return Batch(
            rows=rows,
            accepted=accepted,
            distinct=distinct,
            failures=[failure for chunk in chunks for failure in chunk.failures],
            last_row=max((chunk.last_row for chunk in chunks), default=0),
            is_last=is_last,
            warnings=[*of_file, *(warning for chunk in chunks for warning in chunk.warnings)],
        )

    def _collapse(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """Make one row of all records of an address, as if they had come one after the other.

        When contacts are updated, the last value of each field holds; when they are skipped,
        the first record does.
        """
        contacts = contacts.sort("email", "row").with_columns(churned=pl.lit(False))
        repeated = contacts["email"] == contacts["email"].shift(1)
        if not repeated.any():
            return contacts
        if self.on_conflict is OnConflict.SKIP:
            return contacts.filter(~repeated.fill_null(False))
        several = contacts["email"].is_duplicated()
        fields = [target.field for target in self.plan.targets if target.field != "email"]
        collapsed = (
            contacts.filter(several)
            .group_by("email")
            .agg(
                pl.col("row").min(),
                *(pl.col(name).drop_nulls().last() for name in fields),
                churned=pl.any_horizontal(
                    pl.lit(False),
                    *(pl.col(name).drop_nulls().n_unique() > 1 for name in fields),
                ),
            )
            .select(contacts.columns)
        )
        return pl.concat([contacts.filter(~several), collapsed]).sort("email")

    def _encode(self, contacts: pl.DataFrame) -> bytes:
        missing = [name for name in COLUMNS[1:5] if name not in contacts.columns]
        ordinals = contacts["row"].rank("ordinal").to_numpy() - 1
        encoded = contacts.with_columns(
            pl.Series("id", self._ids.take(ordinals)),
            _properties(self.plan.properties).alias("properties"),
            *(pl.lit(None, dtype=pl.String).alias(name) for name in missing),
        )
        buffer = io.BytesIO()
        encoded.select(COLUMNS).write_csv(
            buffer, include_header=False, separator=DELIMITER, quote_char=QUOTE, null_value=""
        )
        return buffer.getvalue()


class IdSource:
    """Gives out UUIDv7 (RFC 9562) whose order is the order of the ordinals, batch after batch.

    48 bits of milliseconds, 20 bits of ordinal where the RFC allows a counter, 54 random bits.
    """

    ORDINALS = 1 << 20

    def __init__(self) -> None:
        self._last = 0
        self._random = np.random.default_rng()

    def take(self, ordinals: np.ndarray) -> list[str]:
        """Return ids in hexadecimal, one for each ordinal of a batch."""
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
        text = ids.tobytes().hex()
        return [text[start : start + 32] for start in range(0, len(text), 32)]

    def _next(self, count: int) -> int:
        first = max(time.time_ns() // 1_000_000, self._last + 1)
        self._last = first + count // self.ORDINALS
        return first


def _records(chunks: list[Mapped]) -> int:
    """Return how many records these are, blank ones included: they too are progress."""
    return sum(chunk.last_row - chunk.first_row + 1 for chunk in chunks)


def _split(chunk: Mapped, max_rows: int) -> Iterator[Mapped]:
    """Cut a chunk that is larger than a batch may be."""
    if _records([chunk]) <= max_rows:
        yield chunk
        return
    for first in range(chunk.first_row, chunk.last_row + 1, max_rows):
        last = min(first + max_rows - 1, chunk.last_row)
        yield Mapped(
            contacts=chunk.contacts.filter(pl.col("row").is_between(first, last)),
            failures=[failure for failure in chunk.failures if first <= failure.row <= last],
            first_row=first,
            last_row=last,
            warnings=[warning for warning in chunk.warnings if first <= warning.row <= last],
        )


def _properties(targets: tuple[Target, ...]) -> pl.Expr:
    """Return the JSON object of a contact's properties, null when it has none."""
    if not targets:
        return pl.lit(None, dtype=pl.String)
    members = [_member(target) for target in targets]
    present = pl.any_horizontal(pl.col(target.field).is_not_null() for target in targets)
    joined = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.when(present).then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))


def _member(target: Target) -> pl.Expr:
    """Return `"key":value`, null when there is no value. Keys need no escapes."""
    key = json.dumps(target.field.removeprefix("properties."))
    value = pl.col(target.field)
    if target.type is PropertyType.STRING:
        return pl.concat_str(pl.lit(f'{key}:"'), _escape(value), pl.lit('"'))
    return pl.concat_str(pl.lit(f"{key}:"), value.cast(pl.String))


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(JSON_SPECIAL, JSON_ESCAPED)
