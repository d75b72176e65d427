"""Imports read what is suggested as it was meant: numbers, booleans, and who has unsubscribed."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from rollcall.imports.mapping.cells import read_boolean, read_number
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import SuggestedColumn, Target
from rollcall.properties.values import PropertyType
from tests.unit.imports.matching.test_exports import EXPORTS, records_of


def properties(type_: PropertyType) -> Iterator[tuple[SuggestedColumn, list[str]]]:
    for export in EXPORTS.values():
        records = records_of(export)
        found = suggest(records)
        assert found.header_row is not None
        below = records[found.header_row + 1 :]
        for column in found.columns:
            said = column.suggestion
            if said and said.target is Target.PROPERTY and said.is_readable and said.type is type_:
                cells = [record[column.index].strip() for record in below]
                yield column, list(filter(None, cells))


def test_every_cell_of_a_number_is_read() -> None:
    for column, cells in properties(PropertyType.NUMBER):
        assert column.suggestion is not None
        read = read_number(pl.Series(cells), column.suggestion.decimal or ".")
        assert read.null_count() == 0, (column, cells)


def test_every_cell_of_a_boolean_is_read() -> None:
    for column, cells in properties(PropertyType.BOOLEAN):
        assert read_boolean(pl.Series(cells)).null_count() == 0, (column, cells)


@pytest.mark.parametrize("yes", ["yes", "Ja", "oui", "はい", "1", "TRUE", "Да"])
@pytest.mark.parametrize("name", ["Newsletter", "Opt out"])
def test_a_yes_means_what_the_name_says(name: str, yes: str) -> None:
    found = suggest([["E-mail", name], ["ann@example.com", yes]])
    said = found.columns[1].suggestion
    assert said is not None
    assert said.target is Target.UNSUBSCRIBED
    words = said.true_when or ("true", "yes", "1")
    assert (yes.lower() in words) is (name == "Opt out")
