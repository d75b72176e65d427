"""Which of the first records of a table is its header: the one that has the names looked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rollcall.imports.column_names import has_column, strip_name
from rollcall.imports.reading.encoding import storable

# How many records that are not blank may be looked at: what stands above a table is short.
SEARCHED_RECORDS = 20


@dataclass(frozen=True)
class FoundHeader:
    """A record that is the header, or the one that comes closest to being it.

    `position` counts all records from 0, `names` are those of its columns, and `missing` the wanted
    ones that are not among them: none where it is the header.
    """

    position: int
    names: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.missing


def search_header(records: Iterable[Sequence[str]], wanted: Sequence[str]) -> FoundHeader | None:
    """Return the header of a table; None where all records are blank.

    That is the first record with content. When it lacks a wanted name, it is the first that has
    them all, among as many as are searched; and when none has, what is returned is the one with
    most of them, then with most that differ in capitals, blanks and signs alone, then the first.

    Args:
        records: the first ones of the table, blank ones included; only so many are taken as needed.
        wanted: the names that have to be in the header, stripped. Of a name that several columns
            share, `column_index` says how they are called.
    """
    closest: FoundHeader | None = None
    looked_at = 0
    for position, record in enumerate(records):
        names = tuple(map(read_name, record))
        if not any(names):
            continue
        found = FoundHeader(position, names, missing_names(names, wanted))
        if found.is_complete:
            return found
        if closest is None or likeness(found, wanted) > likeness(closest, wanted):
            closest = found
        looked_at += 1
        if looked_at == SEARCHED_RECORDS:
            break
    return closest


def take_header(
    records: Iterable[Sequence[str]], wanted: Sequence[str], row: int
) -> FoundHeader | None:
    """Return the record with this number, from 1, as the header; None where there is none."""
    record = next(itertools.islice(records, row - 1, None), None)
    if record is None:
        return None
    names = tuple(map(read_name, record))
    return FoundHeader(row - 1, names, missing_names(names, wanted))


def missing_names(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return those of the wanted names that no column has."""
    present = set(names)
    return tuple(name for name in wanted if name not in present and not has_column(names, name))


def read_name(cell: str) -> str:
    """Return the name of a column from the cell above it."""
    # A NUL is written as it is shown, so that the name can be mapped as it is read in a message.
    return strip_name(storable(cell.replace("\0", r"\x00")))


def likeness(found: FoundHeader, wanted: Sequence[str]) -> tuple[int, int]:
    """Return how close a record comes to being the header; the greater, the closer."""
    alike = {_plain(name) for name in found.names}
    return -len(found.missing), sum(_plain(name) in alike for name in wanted)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
