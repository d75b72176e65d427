"""What the pages of an import have to say that is not on its row as such."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rollcall.imports.failures.spread import FilePart
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.schemas import ImportShown

UNFINISHED = (ImportStatus.QUEUED, ImportStatus.IN_PROGRESS)
# Shares of a part's rows from which on it is shown in a stronger shade.
SHADES = (0.05, 0.2, 0.5)
# Times the mean of all parts.
STANDS_OUT = 2
# In a file of fewer rows nobody has to be shown where one is.
FEWEST_PARTS = 20
FIELDS = ("email", "first_name", "last_name", "full_name", "unsubscribed")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How an import goes on: how many rows it has in all, about, and how many seconds it takes."""

    total: float
    seconds_left: float | None


def pace_of(shown: ImportShown) -> Pace:
    """Return the pace of an import, as far as its progress tells."""
    total = shown.counts.total
    if shown.status not in UNFINISHED or not shown.progress:
        return Pace(total=total, seconds_left=None)
    estimated = total / shown.progress
    speed = shown.rows_per_second
    return Pace(total=estimated, seconds_left=(estimated - total) / speed if speed else None)


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A file from its first row to its last; of each part a shade from 0, nothing failed, to 4.

    `first` and `last` are the parts between which rows have failed. `densest` is where more have
    than elsewhere, if it stands out.
    """

    parts: list[tuple[FilePart, int]]
    first: FilePart
    last: FilePart
    densest: FilePart | None


def strip_of(parts: list[FilePart]) -> Strip | None:
    """Return where rows have failed; None when there is too little to be shown."""
    failing = [part for part in parts if part.failed]
    if len(parts) < FEWEST_PARTS or not failing:
        return None
    shades = [
        1 + sum(part.failed >= shade for shade in SHADES) if part.failed else 0 for part in parts
    ]
    densest = max(failing, key=lambda part: part.failed)
    mean = sum(part.failed for part in parts) / len(parts)
    is_dense = densest.failed >= STANDS_OUT * mean and densest.last_row > densest.first_row
    return Strip(
        parts=list(zip(parts, shades, strict=True)),
        first=failing[0],
        last=failing[-1],
        densest=densest if is_dense and len(failing) > 1 else None,
    )


@dataclass(frozen=True, kw_only=True)
class MappedColumn:
    """A column of the file, and the contact field or the property that it was read as."""

    name: str
    field: str | None = None
    property: str | None = None
    type: str | None = None
    true_when: str | None = None
    decimal: str | None = None


def mapped_columns(column_map: dict[str, Any]) -> Iterator[MappedColumn]:
    """Yield the columns of a map that was shown."""
    for field in FIELDS:
        mapped = column_map.get(field)
        if isinstance(mapped, str):
            yield MappedColumn(name=mapped, field=field)
        elif mapped:
            words = mapped.get("true_when")
            said = ", ".join(words) if isinstance(words, list) else words
            yield MappedColumn(name=mapped["column"], field=field, true_when=said)
    for key, mapped in column_map.get("properties", {}).items():
        yield MappedColumn(
            name=mapped["column"],
            property=key,
            type=mapped.get("type", "string"),
            decimal=mapped.get("decimal"),
        )
