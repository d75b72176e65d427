"""Contacts are encoded in the form that those before went in."""

from __future__ import annotations

import uuid

import numpy as np
import polars as pl
import pytest

from rollcall.imports.batching.batch import Batch, Contacts, Partition
from rollcall.imports.checkpoint import START
from rollcall.imports.copying.copy_path import MAX_FAILED_COPIES, CopyPath
from rollcall.imports.copying.encoded import CopyForm
from rollcall.imports.keys import ImportKey
from rollcall.imports.options import ImportOptions
from tests.support.binary_copy import decode_array, decode_rows

KEY = ImportKey(team_id=uuid.uuid4(), import_id=uuid.uuid4())
TEXTS = ("email", "first_name", "last_name", "properties")


def partition(*, is_known: bool = False) -> Partition:
    fields = pl.DataFrame(
        {**{name: ["a@b.co"] for name in TEXTS}, "unsubscribed": [False], "conflicting": [False]}
    ).with_columns(properties=pl.lit("{}"))
    contacts = Contacts(fields=fields, ids=np.zeros((1, 16), np.uint8), rows=pl.Series([2]))
    return Partition(contacts=contacts, is_known=is_known)


def batch_of(*partitions: Partition) -> Batch:
    return Batch(
        number=0,
        partitions=list(partitions),
        accepted=len(partitions),
        failures=[],
        last_row=2,
        resume=START,
        is_last=True,
    )


@pytest.mark.parametrize(("dry_run", "form"), [(False, CopyForm.DIRECT), (True, CopyForm.MERGED)])
def test_contacts_are_taken_for_new_until_told_otherwise(dry_run: bool, form: CopyForm) -> None:
    path = CopyPath(KEY, ImportOptions(dry_run=dry_run))
    (encoded,) = path.encode(batch_of(partition())).partitions
    assert encoded.form is form


def test_what_an_earlier_batch_had_is_merged() -> None:
    encoded = CopyPath(KEY, ImportOptions()).encode(batch_of(partition(), partition(is_known=True)))
    assert [each.form for each in encoded.partitions] == [CopyForm.DIRECT, CopyForm.MERGED]


def test_the_next_go_as_the_last_ones_went() -> None:
    path = CopyPath(KEY, ImportOptions())
    path.note(CopyForm.MERGED, has_failed=False)
    assert path.encode(batch_of(partition())).partitions[0].form is CopyForm.MERGED
    path.note(CopyForm.DIRECT, has_failed=False)
    assert path.encode(batch_of(partition())).partitions[0].form is CopyForm.DIRECT


def test_after_some_failed_copies_nothing_is_sent_as_new() -> None:
    path = CopyPath(KEY, ImportOptions())
    for _ in range(MAX_FAILED_COPIES):
        assert path.may_be_direct
        path.note(CopyForm.MERGED, has_failed=True)
    assert not path.may_be_direct


@pytest.mark.parametrize("form", CopyForm)
def test_what_was_guessed_wrong_is_encoded_again(form: CopyForm) -> None:
    path = CopyPath(KEY, ImportOptions())
    guessed = path.encode(batch_of(partition())).partitions[0]
    chunks = path.chunks(guessed, form)
    assert (chunks is guessed.chunks) == (form is guessed.form)
    if form is CopyForm.DIRECT:
        (row,) = decode_rows(b"".join(chunks))
        assert b"a@b.co" in row
    else:
        assert decode_array(chunks[0])[1] == [b"a@b.co"]
