"""The CSV that is written of a sheet, read again as any other file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.formats.child.csv_writer import BLOCK_BYTES, CsvWriter, encode_cell
from rollcall.imports.formats.protocol import FileTooLarge
from tests.support.cell_strategies import HOSTILE
from tests.support.oracle_reader import Style, read_records

CELLS = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), max_size=5)
# How many rows were left out before each, and its cells.
ROWS = st.lists(st.tuples(st.integers(0, 3), st.lists(CELLS, min_size=2, max_size=3)), max_size=5)


@given(rows=ROWS)
def test_cells_and_row_numbers_are_the_same_when_they_are_read(
    rows: list[tuple[int, list[str]]],
) -> None:
    blocks: list[bytes] = []
    writer = CsvWriter(blocks.append, max_bytes=1_000_000)
    expected = {}
    number = 0
    for left_out, cells in rows:
        number += left_out + 1
        writer.write_row(number, [encode_cell(cell) for cell in cells])
        expected[number] = cells
    writer.flush()
    read = read_records(b"".join(blocks).decode(), Style(","))
    assert {record.row: list(record.cells) for record in read if record.cells} == expected


def test_what_needs_no_quotes_has_none() -> None:
    assert [encode_cell(cell) for cell in ("Zoë", "a;b", "it's", " x ")] == [
        "Zoë".encode(),
        b"a;b",
        b"it's",
        b" x ",
    ]


def test_rows_are_handed_on_in_blocks() -> None:
    blocks: list[bytes] = []
    writer = CsvWriter(blocks.append, max_bytes=10 * BLOCK_BYTES)
    for row in range(1, 5):
        writer.write_row(row, [b"x" * (BLOCK_BYTES // 2)])
    # The second row fills a block, its line end being part of it.
    assert [block.count(b"\n") for block in blocks] == [2, 2]
    writer.flush()
    assert sum(map(len, blocks)) == 4 * (BLOCK_BYTES // 2 + 1)


def test_no_more_is_written_than_may_be() -> None:
    blocks: list[bytes] = []
    writer = CsvWriter(blocks.append, max_bytes=6)
    writer.write_row(1, [b"a", b"b"])
    writer.flush()
    writer.write_block(b"cd")
    with pytest.raises(FileTooLarge, match="larger than the 6 bytes that this server accepts"):
        writer.write_block(b"e")
    assert b"".join(blocks) == b"a,b\ncd"


def test_rows_that_were_left_out_count_as_well() -> None:
    """A sheet whose last row is far down is small, and as CSV it is not."""
    blocks: list[bytes] = []
    writer = CsvWriter(blocks.append, max_bytes=1000)
    writer.write_row(1001, [b"a"])
    with pytest.raises(FileTooLarge):
        writer.flush()
    assert blocks == []
