"""Mapped records against what the oracle reads in the same file, without a database."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.issues import RowWarning, WarningCode
from rollcall.imports.mapping.mapper import MappedChunk
from rollcall.imports.reading.dialect import HeaderError
from rollcall.properties.values import PropertyType
from tests.support import oracle
from tests.support.import_cases import CASES
from tests.support.import_cases.case import Case
from tests.support.legacy import detect_legacy
from tests.support.oracle_cells import shown
from tests.support.pipeline import OpenFile
from tests.support.strategies import ImportFile, import_files

# From one record in a block to all of a file in one.
BLOCKS = st.sampled_from([1, 40, 200, 100_000])
AGES = oracle.Options(oracle.ColumnMap(properties={"age": oracle.PropertyMapping("n", "number")}))
Record = dict[str, Any] | oracle.Failure


@given(file=import_files(), block_characters=BLOCKS)
@example(file=ImportFile(b"email,n\na@b.co,1e23\nb@b.co,-0\n", AGES), block_characters=1)
def test_records_are_what_the_oracle_reads(file: ImportFile, block_characters: int) -> None:
    compare(file.data, file.options, block_characters)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_edge_case(case: Case) -> None:
    compare(case.data, case.options, block_characters=100_000)


def compare(data: bytes, options: oracle.Options, block_characters: int) -> None:
    """Read a file as an import does and as the oracle does; the records must be the same."""
    try:
        expected = dict(oracle.read_values(data, options, detect_legacy))
    except oracle.HeaderError:
        with pytest.raises(HeaderError):
            OpenFile.of(data, options)
        return
    file = OpenFile.of(data, options)
    numbers = {t.field for t in file.plan.targets if t.type is PropertyType.NUMBER}
    chunks = list(file.mapped(block_characters))
    found = [record for chunk in chunks for record in records_of(chunk, numbers)]
    cleaned = [
        oracle.Warned(warning.row, warning.code, warning.column or "", warning.value or "")
        for chunk in chunks
        for warning in chunk.warnings
        if warning.code == WarningCode.CLEANED_EMAIL
    ]
    email_column = oracle.wanted_columns(options)[0].name
    assert cleaned == [
        oracle.Warned(row, "cleaned_email", email_column, shown(record.cleaned))
        for row, record in expected.items()
        if isinstance(record, oracle.Values) and record.cleaned is not None
    ]
    # Blank records vanish, and all others are there once.
    assert sorted(row for row, _ in found) == list(expected)
    assert dict(found) == {row: as_mapped(record) for row, record in expected.items()}


def records_of(chunk: MappedChunk, numbers: set[str]) -> list[tuple[int, Record]]:
    """Return the records of a chunk by their rows; null is "no value"."""
    good: list[tuple[int, Record]] = [
        (record.pop("row"), {name: value for name, value in record.items() if value is not None})
        for record in chunk.contacts.to_dicts()
    ]
    failed = [(failure.row, oracle.Failure(*failure)) for failure in chunk.failures]
    for rows in ([row for row, _ in good], [row for row, _ in failed]):
        assert rows == sorted(rows)
        assert all(chunk.first_row <= row <= chunk.last_row for row in rows)
    for _, record in good:
        assert isinstance(record, dict)
        record.update({name: as_number(record[name]) for name in numbers & record.keys()})
    return [*good, *failed]


def as_number(text: str) -> Decimal:
    """Return what a number of a mapped record is, which is written as JSON writes it."""
    assert type(json.loads(text)) in (int, float)
    return Decimal(text)


def as_mapped(record: oracle.Values | oracle.Failure) -> Record:
    """Return what the oracle has read under the names that mapped records have."""
    if isinstance(record, oracle.Failure):
        return record
    properties = {
        f"properties.{key}": Decimal(repr(value)) if type(value) in (int, float) else value
        for key, value in record.properties.items()
    }
    return {"email": record.email, **record.fields, **properties}


def test_a_chunk_says_where_it_begins_and_where_reading_goes_on() -> None:
    data = b"email\n" + b"a@b.co\n" * 5
    chunks = list(OpenFile.of(data, oracle.Options()).mapped(block_characters=14))
    assert len(chunks) > 1
    assert (chunks[0].first_row, chunks[-1].last_row) == (2, 6)
    for before, behind in itertools.pairwise(chunks):
        assert (before.last_row + 1, before.resume) == (behind.first_row, behind.start)
    assert chunks[-1].resume == Checkpoint(row=6, offset=len(data))


def test_a_misspelled_domain_is_remarked_at_records_that_do_not_fail() -> None:
    options = oracle.Options(oracle.ColumnMap(email="Mail", unsubscribed="u"))
    data = b"Mail,u\nAnn@Gmial.com,\nb@gmial.com,perhaps\nc@gmail.com,\n"
    (chunk,) = OpenFile.of(data, options).mapped()
    code = WarningCode.MISSPELLED_DOMAIN
    assert chunk.warnings == [RowWarning(row=2, code=code, column="Mail", value="Ann@Gmial.com")]
    assert [failure.row for failure in chunk.failures] == [3]


def test_records_of_very_many_lines_are_remarked_unless_they_fail() -> None:
    cell = '"' + "line\n" * 26 + '"'
    data = f'email,n\na@b.co,{cell}\nbad,{cell}\nb@b.co,"two\nlines"\n'.encode()
    (chunk,) = OpenFile.of(data, oracle.Options()).mapped()
    assert chunk.warnings == [RowWarning(row=2, code=WarningCode.MANY_LINES, value="27")]
    assert [failure.row for failure in chunk.failures] == [3]
