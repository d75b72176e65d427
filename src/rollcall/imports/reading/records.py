"""The records of a chunk, which `csv.reader` has read unless they can be split just as well.

See `split` for the other kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import polars as pl

# Where a cell has bytes that mean nothing in the file's encoding, a column has this instead.
UNREADABLE = "\ufffd\x00unreadable"
SURROGATE = re.compile("[\ud800-\udfff]")


class Traits(NamedTuple):
    """What may stand in some cell of records; False where none of them has it for certain.

    `blank_ends` are blanks and invisible characters around it, `formulas` an equals sign and a
    quotation mark behind one another.
    """

    nul: bool
    blank_ends: bool
    unreadable: bool
    formulas: bool


ANYTHING = Traits(nul=True, blank_ends=True, unreadable=True, formulas=True)


class Records(Protocol):
    """Records in the order of the file; each is a list of cells."""

    @property
    def traits(self) -> Traits: ...

    def __len__(self) -> int: ...
    def __getitem__(self, position: int) -> list[str]: ...
    def __iter__(self) -> Iterator[list[str]]: ...

    def columns(self, indices: Sequence[int]) -> list[pl.Series]:
        """Return these cells of every record, UNREADABLE where one is.

        Where a record is too short it has null or "", and where a cell is empty, too.
        """

    def wider_than(self, width: int) -> list[int]:
        """Return the positions of the records that have more cells than that."""

    def after(self, count: int) -> Records:
        """Return all records but the first ones."""


class ParsedRecords(list[list[str]]):
    """What `csv.reader` has read."""

    traits = ANYTHING

    def columns(self, indices: Sequence[int]) -> list[pl.Series]:
        return [cells_of_column(self, index) for index in indices]

    def wider_than(self, width: int) -> list[int]:
        if max(map(len, self), default=0) <= width:
            return []
        return [position for position, record in enumerate(self) if len(record) > width]

    def after(self, count: int) -> ParsedRecords:
        return ParsedRecords(self[count:])


def cells_of_column(records: Sequence[Sequence[str]], index: int) -> pl.Series:
    """Return one cell of every record, as `Records.columns` does."""
    try:
        cells = [record[index] for record in records]
    except IndexError:
        cells = [record[index] if index < len(record) else "" for record in records]
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        readable = [UNREADABLE if SURROGATE.search(cell) else cell for cell in cells]
        return pl.Series(readable, dtype=pl.String)
