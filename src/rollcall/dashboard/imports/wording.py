"""What the pages of an import have to say that is not on its row as such."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rollcall.imports.kinds import ImportStatus
from rollcall.imports.schemas import ImportShown

UNFINISHED = (ImportStatus.QUEUED, ImportStatus.IN_PROGRESS)
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
