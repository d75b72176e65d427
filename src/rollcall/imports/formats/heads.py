"""The sheets of a workbook with their first records, by which one of them is chosen."""

from __future__ import annotations

import json
from dataclasses import dataclass

Record = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class SheetHead:
    """A sheet that has cells, and its first records.

    `index` counts all such sheets from 0. `number` is what a person counts, the visible tabs from
    1; it is None for a hidden sheet. `records` are the first 50 that are not blank, each with the
    number of its row, cells cut at 1,000 characters; fewer where they are long. `problem` says what
    was damaged before so many were read, and goes on where "The `file`" stands.
    """

    index: int
    name: str
    number: int | None
    records: tuple[Record, ...]
    problem: str | None = None


def read_heads(data: bytes) -> tuple[SheetHead, ...]:
    """Read what the child says of the sheets."""
    return tuple(
        SheetHead(
            index=index,
            name=sheet["name"],
            number=sheet["number"],
            records=tuple((row, tuple(cells)) for row, cells in sheet["records"]),
            problem=sheet["problem"],
        )
        for index, sheet in enumerate(json.loads(data))
    )
