"""The delimiter under which the first records of a file are a table."""

from __future__ import annotations

import pytest

from rollcall.imports.reading.dialect import Head
from rollcall.imports.suggesting.table import read_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_without_a_header_is_read_with_its_delimiter(delimiter: str) -> None:
    rows = [["Ann", "ann@example.com", "Lee"], ["Bob", "bob@example.com", "Fox"]]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    table = read_table(Head(data=text.encode(), complete=True))
    assert table.suggestions.header_row is None
    assert table.head.delimiters == delimiter
    assert table.records == rows
