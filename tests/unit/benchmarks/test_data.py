"""The files of the benchmarks: what they say an import of them does is what the oracle does."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.data import COLUMN_MAP, Counts, Dataset
from tests.support import oracle

OPTIONS = oracle.Options(
    column_map=oracle.ColumnMap(
        email=COLUMN_MAP["email"],
        first_name=COLUMN_MAP["first_name"],
        last_name=COLUMN_MAP["last_name"],
        unsubscribed=COLUMN_MAP["unsubscribed"],
        properties={
            key: oracle.PropertyMapping(column=mapped["column"], type=mapped["type"])
            for key, mapped in COLUMN_MAP["properties"].items()
        },
    )
)
# Around the places where a bad row or a repeated one is added, and more than enough of both.
SIZES = [1, 7, 8, 61, 62, 100, 2_345]


def run(
    data: Dataset, folder: Path, contacts: dict[str, oracle.Contact]
) -> tuple[Counts, list[oracle.Failure]]:
    data.write(folder / "contacts.csv")
    outcome = oracle.run_import((folder / "contacts.csv").read_bytes(), OPTIONS, contacts)
    counts = Counts(
        created=outcome.created,
        updated=outcome.updated,
        failed=outcome.failed,
        skipped=outcome.skipped,
    )
    assert counts.as_json()["total"] == outcome.total
    return counts, outcome.failures


def stored(data: Dataset) -> dict[str, tuple[object, ...]]:
    return {
        email: (first, last, answer == "yes", {"plan": plan, "seats": seats, "city": city})
        for email, first, last, answer, plan, seats, city in data.stored()
    }


def values(contacts: dict[str, oracle.Contact]) -> dict[str, tuple[object, ...]]:
    return {
        email: (each.first_name, each.last_name, each.unsubscribed, each.properties)
        for email, each in contacts.items()
    }


@pytest.mark.parametrize("rows", SIZES)
def test_counts_and_contacts_are_those_of_the_oracle(rows: int, tmp_path: Path) -> None:
    data = Dataset(rows=rows)
    contacts: dict[str, oracle.Contact] = {}
    counts, _ = run(data, tmp_path, contacts)
    assert counts == data.first_import
    assert values(contacts) == stored(data)
    assert len(contacts) == data.distinct


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    data = Dataset(rows=SIZES[-1])
    contacts: dict[str, oracle.Contact] = {}
    run(data, tmp_path, contacts)
    before = {email: each.version for email, each in contacts.items()}
    counts, _ = run(data, tmp_path, contacts)
    assert counts == data.next_import
    assert {email: each.version for email, each in contacts.items()} == before


def test_another_revision_changes_every_contact(tmp_path: Path) -> None:
    data, changed = Dataset(rows=SIZES[-1]), Dataset(rows=SIZES[-1], revision=1)
    contacts: dict[str, oracle.Contact] = {}
    run(data, tmp_path, contacts)
    before = {email: each.version for email, each in contacts.items()}
    counts, _ = run(changed, tmp_path, contacts)
    assert counts == data.next_import
    assert values(contacts) == stored(changed)
    assert all(each.version == before[email] + 1 for email, each in contacts.items())


def test_another_series_has_other_addresses(tmp_path: Path) -> None:
    contacts: dict[str, oracle.Contact] = {}
    run(Dataset(rows=SIZES[-1]), tmp_path, contacts)
    other = Dataset(rows=SIZES[-1], series=10)
    counts, _ = run(other, tmp_path, contacts)
    assert counts == other.first_import


def test_a_fiftieth_is_bad_in_several_ways_and_a_hundredth_repeated(tmp_path: Path) -> None:
    data = Dataset(rows=6_000)
    counts, failures = run(data, tmp_path, {})
    assert (counts.failed, counts.updated) == (120, 60)
    assert Counter(failure.code for failure in failures) == {
        "missing_email": 20,
        "invalid_email": 20,
        "invalid_boolean": 20,
        "invalid_number": 20,
        "too_many_cells": 20,
        "invalid_encoding": 20,
    }


def test_the_same_bytes_however_it_is_cut_into_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for block in (100_000, 77):
        monkeypatch.setattr("benchmarks.data.BLOCK_ROWS", block)
        Dataset(rows=1_000).write(tmp_path / "contacts.csv")
        files.append((tmp_path / "contacts.csv").read_bytes())
    assert files[0] == files[1]
