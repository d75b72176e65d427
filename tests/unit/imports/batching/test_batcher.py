"""Batches: distinct contacts, whatever the size, with ids in the order of the file."""

from __future__ import annotations

import uuid

import numpy as np
import polars as pl
import pytest

from rollcall.imports.batching.batcher import Batcher
from rollcall.imports.batching.ids import IdSource
from rollcall.imports.batching.seen import SeenEmails
from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.issues import Failure
from rollcall.imports.kinds import OnConflict
from rollcall.imports.mapping.mapper import MappedChunk
from rollcall.imports.mapping.plan import Plan, make_plan


@pytest.fixture
def plan() -> Plan:
    return make_plan(ColumnMap(first_name="name"), ["email", "name"])


def mapped(emails: list[str], first_row: int = 2, failed: tuple[int, ...] = ()) -> MappedChunk:
    rows = list(range(first_row, first_row + len(emails) + len(failed)))
    good = [row for row in rows if row not in failed]
    return MappedChunk(
        contacts=pl.DataFrame(
            {"row": good, "email": emails, "first_name": [f"N{row}" for row in good]},
            schema={"row": pl.Int64, "email": pl.String, "first_name": pl.String},
        ),
        failures=[Failure(row=row, column="email", code="invalid_email") for row in failed],
        first_row=first_row,
        last_row=rows[-1] if rows else first_row - 1,
        start=Checkpoint(first_row - 1, 10 * (first_row - 1)),
        resume=Checkpoint(rows[-1], 10 * rows[-1]),
    )


def batcher(plan: Plan, max_rows: int) -> Batcher:
    return Batcher(
        plan=plan,
        on_conflict=OnConflict.UPSERT,
        max_rows=max_rows,
        seen=SeenEmails(in_flight=1),
    )


@pytest.mark.parametrize("max_rows", [1, 2, 3, 5, 100])
def test_every_record_is_in_exactly_one_batch(plan: Plan, max_rows: int) -> None:
    chunks = [mapped(["b@x.co", "a@x.co"], failed=(3,)), mapped(["c@x.co"] * 4, first_row=5)]
    batches = list(batcher(plan, max_rows).batches(chunks))
    assert [batch.is_last for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert sum(batch.accepted for batch in batches) == 6
    assert [failure.row for batch in batches for failure in batch.failures] == [3]
    assert all(batch.accepted + len(batch.failures) <= max_rows for batch in batches)
    assert [batch.last_row for batch in batches] == sorted({batch.last_row for batch in batches})
    assert batches[-1].last_row == 8


def test_an_empty_file_is_one_empty_batch(plan: Plan) -> None:
    (batch,) = batcher(plan, 10).batches([])
    assert (batch.partitions, batch.accepted, batch.is_last) == ([], 0, True)


def test_a_batch_is_sorted_and_its_ids_are_in_file_order(plan: Plan) -> None:
    (batch,) = batcher(plan, 10).batches([mapped(["c@x.co", "a@x.co", "b@x.co"])])
    (partition,) = batch.partitions
    emails = partition.contacts.fields["email"].to_list()
    assert emails == ["a@x.co", "b@x.co", "c@x.co"]
    by_id = sorted(zip(map(bytes, partition.contacts.ids), emails, strict=True))
    assert [email for _, email in by_id] == ["c@x.co", "a@x.co", "b@x.co"]


def test_addresses_of_earlier_batches_are_a_partition_of_their_own(plan: Plan) -> None:
    chunks = [mapped(["b@x.co", "a@x.co"]), mapped(["c@x.co", "a@x.co"], first_row=4)]
    batches = list(batcher(plan, 2).batches(chunks))
    found = [
        [(one.is_known, one.contacts.fields["email"].to_list()) for one in batch.partitions]
        for batch in batches
    ]
    assert found == [[(False, ["a@x.co", "b@x.co"])], [(False, ["c@x.co"]), (True, ["a@x.co"])]]


def test_a_batch_says_where_reading_can_go_on(plan: Plan) -> None:
    chunks = [mapped(["a@x.co"] * 3), mapped(["b@x.co"] * 2, first_row=5)]
    batches = list(batcher(plan, 2).batches(chunks))
    # Within a chunk that is its beginning, which is before the batch's last row.
    assert [(batch.last_row, batch.resume.row) for batch in batches] == [(3, 1), (5, 4), (6, 6)]
    assert [batch.resume.offset for batch in batches] == [10, 40, 60]


def test_ids_are_uuid7_and_increase_from_batch_to_batch() -> None:
    source = IdSource()
    ids = [uuid.UUID(bytes=bytes(id_)) for _ in range(50) for id_ in source.take(np.arange(40))]
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, uuid.RFC_4122)}
    assert ids == sorted(set(ids))


def test_ids_increase_beyond_the_counter() -> None:
    source = IdSource()
    count = IdSource.ORDINALS + 10
    ids = [bytes(id_) for n in (count, 3) for id_ in source.take(np.arange(n))]
    assert ids == sorted(set(ids))
