"""The set of addresses that a file has had, and the sets of imports that wait."""

from __future__ import annotations

import random
import uuid

import polars as pl
import pytest

from rollcall.imports.batching import seen
from rollcall.imports.batching.seen import SeenEmails
from rollcall.imports.running.paused import MAX_PAUSED, PausedEmails


def emails(*numbers: int) -> pl.Series:
    return pl.Series([f"p{number}@b.co" for number in numbers], dtype=pl.String)


@pytest.mark.parametrize("max_run", [1, 50, 1 << 19])
@pytest.mark.parametrize("bitmap_from", [1, 100, 10_000])
def test_it_is_a_set(monkeypatch: pytest.MonkeyPatch, bitmap_from: int, max_run: int) -> None:
    monkeypatch.setattr(seen, "MIN_FOR_BITMAP", bitmap_from)
    monkeypatch.setattr(seen, "MAX_RUN", max_run)
    chance = random.Random(bitmap_from)
    addresses, model = SeenEmails(in_flight=4), set[int]()
    for row in range(1, 100):
        batch = chance.sample(range(3000), chance.choice([0, 1, 5, 40]))
        assert addresses.add(emails(*batch), row).to_list() == [n in model for n in batch]
        model.update(batch)


@pytest.mark.parametrize("bitmap_from", [1, 10_000])
def test_the_last_batches_can_be_taken_out(
    monkeypatch: pytest.MonkeyPatch, bitmap_from: int
) -> None:
    monkeypatch.setattr(seen, "MIN_FOR_BITMAP", bitmap_from)
    addresses = SeenEmails(in_flight=4)
    for row in range(1, 11):
        addresses.add(emails(row), row)
    assert addresses.rewind(8)
    assert addresses.last_row == 8
    assert addresses.add(emails(8, 9, 10, 1), 9).to_list() == [True, False, False, True]


@pytest.mark.parametrize("in_flight", [1, 3, 6])
def test_as_many_batches_can_be_taken_out_as_are_in_flight(in_flight: int) -> None:
    for count, is_whole in ((in_flight, True), (in_flight + 1, False)):
        addresses = SeenEmails(in_flight=in_flight)
        for row in range(1, 11):
            addresses.add(emails(row), row)
        assert addresses.rewind(10 - count) is is_whole


@pytest.mark.parametrize("row", [0, 3, 10, 14])
def test_a_set_that_does_not_end_there_is_no_use(row: int) -> None:
    addresses = SeenEmails(in_flight=4)
    for last_row in (2, 4, 6, 8, 11, 13):
        addresses.add(emails(last_row), last_row)
    assert not addresses.rewind(row)


def test_sets_of_paused_imports() -> None:
    paused = PausedEmails()
    ids = [uuid.uuid4() for _ in range(MAX_PAUSED + 1)]
    sets = []
    for id_ in ids:
        sets.append(SeenEmails(in_flight=4))
        sets[-1].add(emails(1), 5)
        paused.keep(id_, sets[-1])
    assert paused.take(ids[0], 5, 4).last_row == 0
    assert paused.take(ids[1], 5, 4) is sets[1]
    assert paused.take(ids[1], 5, 4) is not sets[1]
    assert paused.take(ids[2], 7, 4).last_row == 0
