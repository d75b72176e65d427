"""Batches of whole files against the oracle, batch by batch: an import into an empty database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.batching.batch import Batch, Partition
from rollcall.imports.batching.batcher import Batcher
from rollcall.imports.batching.seen import SeenEmails
from rollcall.imports.issues import WarningCode
from rollcall.imports.kinds import OnConflict
from rollcall.imports.reading.dialect import HeaderError
from tests.support import oracle
from tests.support.import_cases.case import Case
from tests.support.import_cases.merges import MERGES
from tests.support.legacy import detect_legacy
from tests.support.pipeline import OpenFile
from tests.support.strategies import ImportFile, import_files

BLOCKS = st.sampled_from([1, 40, 200, 100_000])
BATCH_ROWS = st.sampled_from([1, 2, 3, 7, 100_000])
# The oracle knows no more.
OF_CONTACTS = (
    WarningCode.REPEATED_EMAIL,
    WarningCode.RESUBSCRIBED,
    WarningCode.KEPT_UNSUBSCRIBED,
    WarningCode.CLEANED_EMAIL,
)


@given(file=import_files(), block_characters=BLOCKS, max_rows=BATCH_ROWS)
def test_batches_are_what_the_oracle_says(
    file: ImportFile, block_characters: int, max_rows: int
) -> None:
    compare(file.data, file.options, block_characters, max_rows)


@pytest.mark.parametrize("max_rows", [1, 2, 100_000])
@pytest.mark.parametrize("case", MERGES, ids=lambda case: case.name)
def test_edge_case(case: Case, max_rows: int) -> None:
    compare(case.data, case.options, block_characters=100_000, max_rows=max_rows)


@pytest.mark.parametrize("resubscribe", [True, False])
@pytest.mark.parametrize("max_rows", [1, 2, 100_000])
def test_consent_within_a_batch_and_across_batches(max_rows: int, resubscribe: bool) -> None:
    options = oracle.Options(resubscribe=resubscribe)
    said = ["yes", "no", "", "no", "yes", "no"]
    data = "email,unsubscribed\n" + "".join(f"a@b.co,{word}\n" for word in said)
    compare(data.encode(), options, block_characters=100_000, max_rows=max_rows)


def test_there_and_back_again_within_a_batch_has_moved_a_contact_of_an_earlier_one() -> None:
    names = ["Ann", "Bob", "Cy", "Ann", "Eve", "Ann"]
    emails = ["a@b.co", "b@b.co", "c@b.co", "a@b.co", "a@b.co", "a@b.co"]
    rows = "".join(f"{email},{name}\n" for email, name in zip(emails, names, strict=True))
    data = f"email,first_name\n{rows}".encode()
    compare(data, oracle.Options(), block_characters=100_000, max_rows=3)


def compare(data: bytes, options: oracle.Options, block_characters: int, max_rows: int) -> None:
    """Apply a file batch by batch and record by record; after each batch, all is the same."""
    try:
        file = OpenFile.of(data, options)
    except HeaderError:
        with pytest.raises(oracle.HeaderError):
            Stepwise(data, options)
        return
    stepwise = Stepwise(data, options)
    stored = Stored(options)
    batcher = Batcher(
        plan=file.plan,
        on_conflict=OnConflict(options.on_conflict),
        max_rows=max_rows,
        seen=SeenEmails(in_flight=1),
        resubscribe=options.resubscribe,
    )
    batches = []
    for batch in batcher.batches(file.mapped(block_characters)):
        expected = stepwise.go_on(batch.last_row)
        assert [oracle.Failure(*failure) for failure in batch.failures] == expected.failures
        assert stored.warnings(batch) == sorted(expected.warnings)
        assert rows_of(batch) == rows_from(expected)
        assert stored.merge(batch) == (expected.created, expected.updated, expected.skipped)
        assert stored.contacts == {
            email: as_stored(contact) for email, contact in stepwise.contacts.items()
        }
        assert stored.moved == stepwise.moved
        batches.append((batch.number, batch.is_last))
    assert batches == [(number, number == len(batches) - 1) for number in range(len(batches))]
    assert stepwise.is_done
    # A list shows contacts by their ids, and so in the order of the file.
    assert sorted(stored.ids, key=stored.ids.__getitem__) == list(stepwise.contacts)


class Stepwise:
    """The oracle, stopped behind the last record of each batch.

    `moved` are the contacts of earlier batches that the records of the last one have changed.
    """

    def __init__(self, data: bytes, options: oracle.Options):
        records = list(oracle.read_values(data, options, detect_legacy))
        self.contacts: dict[str, oracle.Contact] = {}
        self.moved: set[str] = set()
        self._rows = [row for row, _ in records]
        self._outcome = oracle.Outcome()
        self._applying = oracle.apply_records(records, options, self.contacts, self._outcome)

    @property
    def is_done(self) -> bool:
        return not self._rows

    def go_on(self, last_row: int) -> oracle.Outcome:
        """Apply the records up to a row; return what only they have come to."""
        versions = {email: contact.version for email, contact in self.contacts.items()}
        outcome = self._outcome
        counts = (outcome.created, outcome.updated, outcome.skipped, outcome.failed)
        failures, warnings = len(outcome.failures), len(outcome.warnings)
        rows = set(outcome.rows)
        while self._rows and self._rows[0] <= last_row:
            assert next(self._applying) == self._rows.pop(0)
        self.moved = {
            email for email, version in versions.items() if self.contacts[email].version > version
        }
        return oracle.Outcome(
            created=outcome.created - counts[0],
            updated=outcome.updated - counts[1],
            skipped=outcome.skipped - counts[2],
            failed=outcome.failed - counts[3],
            failures=outcome.failures[failures:],
            rows={row: what for row, what in outcome.rows.items() if row not in rows},
            emails=outcome.emails,
            warnings=outcome.warnings[warnings:],
        )


@dataclass
class Stored:
    """What batches come to, by the rules with which a database merges them.

    `moved` are the contacts of earlier batches that the last one has changed.
    """

    options: oracle.Options
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: dict[str, bytes] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def warnings(self, batch: Batch) -> list[oracle.Warned]:
        """Return what a batch has to say, of which some depends on what is stored before it."""
        unsubscribed = {email for email, one in self.contacts.items() if one["unsubscribed"]}
        consent = [] if batch.consent is None else batch.consent.warn(unsubscribed)
        return sorted(
            oracle.Warned(each.row, each.code, each.column or "", each.value or "")
            for each in (*batch.warnings, *consent)
            if each.code in OF_CONTACTS
        )

    def merge(self, batch: Batch) -> tuple[int, int, int]:
        """Store the contacts of a batch; return how many records created, updated and skipped."""
        self.moved = set()
        created = 0
        for partition in batch.partitions:
            for email, id_, fields, is_conflicting in contacts_of(partition):
                assert (email in self.contacts) is partition.is_known
                if not partition.is_known:
                    self._create(email, id_, fields)
                    created += 1
                elif self.options.on_conflict == "upsert":
                    self._update(email, fields, is_conflicting=is_conflicting)
        others = batch.accepted - created
        if self.options.on_conflict == "upsert":
            return created, others, 0
        return created, 0, others

    def _create(self, email: str, id_: bytes, fields: dict[str, Any]) -> None:
        self.ids[email] = id_
        self.contacts[email] = {
            **fields,
            "unsubscribed": bool(fields["unsubscribed"]),
            "properties": fields["properties"] or {},
        }

    def _update(self, email: str, fields: dict[str, Any], *, is_conflicting: bool) -> None:
        contact = self.contacts[email]
        given = {name: value for name, value in fields.items() if value is not None}
        properties = {**contact["properties"], **given.pop("properties", {})}
        changed = {**contact, **given, "properties": properties}
        if is_conflicting or changed != contact:
            self.moved.add(email)
        self.contacts[email] = changed


def rows_of(batch: Batch) -> dict[str, tuple[int, int]]:
    """Return the first and the last row of each address of a batch, as its ids tell them."""
    if batch.rows is None:
        return {}
    accepted = np.flatnonzero(batch.rows.is_accepted) + batch.rows.first
    assert len(accepted) == batch.accepted
    found = {}
    for partition in batch.partitions:
        ids = partition.contacts.ids
        firsts, lasts = batch.rows.first_rows(ids), batch.rows.last_rows(ids)
        for email, *rows in zip(partition.contacts.fields["email"], firsts, lasts, strict=True):
            assert set(rows) <= set(accepted)
            found[email] = (int(rows[0]), int(rows[1]))
    return found


def rows_from(expected: oracle.Outcome) -> dict[str, tuple[int, int]]:
    """Return the same by the oracle."""
    rows: dict[str, list[int]] = {}
    for row, what in expected.rows.items():
        if what != "failed":
            rows.setdefault(expected.emails[row], []).append(row)
    return {email: (min(each), max(each)) for email, each in rows.items()}


def contacts_of(partition: Partition) -> Iterator[tuple[str, bytes, dict[str, Any], bool]]:
    """Yield e-mail, id, fields and whether they are in conflict, in the order of the e-mails."""
    contacts = partition.contacts
    emails = contacts.fields["email"].to_list()
    assert emails == sorted(set(emails))
    assert len(emails) == partition.size == len(contacts.ids) == len(contacts.rows)
    for record, id_ in zip(contacts.fields.to_dicts(), contacts.ids, strict=True):
        email, is_conflicting = record.pop("email"), record.pop("conflicting")
        properties = record["properties"]
        record["properties"] = properties and json.loads(
            properties, parse_int=Decimal, parse_float=Decimal
        )
        yield email, bytes(id_), record, is_conflicting


def as_stored(contact: oracle.Contact) -> dict[str, Any]:
    """Return a contact of the oracle in the same form."""
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "unsubscribed": contact.unsubscribed,
        "properties": {
            key: Decimal(repr(value)) if type(value) in (int, float) else value
            for key, value in contact.properties.items()
        },
    }
