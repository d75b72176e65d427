"""Which column of a record holds which field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollcall.imports.column_map import POINT, ColumnMap
from rollcall.imports.column_names import FAILED_ROW, FAILED_WHY, column_index
from rollcall.properties.values import PropertyType

FULL_NAME, SPLIT_NAMES = "full_name", ("first_name", "last_name")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A contact field or property, and the column of the file that it is read from.

    `field` is the name of the column in the mapped frame: a contact field's own name, or
    `properties.KEY` with the key under which contacts hold the property. `full_name` is split into
    two fields. `decimal` and `true_when` are those of the column map.
    """

    field: str
    column: str
    index: int
    type: PropertyType | None = None
    decimal: str = POINT
    true_when: tuple[str, ...] | str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is read from each record; `width` is the number of the header's cells.

    `reason_column` is the index of the column in which a failures file says why a record has failed
    before; other files have none.
    """

    targets: tuple[Target, ...]
    width: int
    reason_column: int | None = None

    @property
    def fields(self) -> list[str]:
        """The columns of the mapped frame."""
        fields = [target.field for target in self.targets]
        at = fields.index(FULL_NAME) if FULL_NAME in fields else len(fields)
        return [*fields[:at], *(SPLIT_NAMES if fields[at:] else ()), *fields[at + 1 :]]

    @property
    def properties(self) -> tuple[Target, ...]:
        return tuple(target for target in self.targets if target.type is not None)


def make_plan(column_map: ColumnMap, header: Sequence[str]) -> Plan:
    """Return where in a record each mapped field stands."""
    has_reasons = is_failures_file(column_map, header)
    return Plan(
        targets=tuple(_targets(column_map, list(header))),
        width=len(header),
        reason_column=header.index(FAILED_WHY) if has_reasons else None,
    )


def is_failures_file(column_map: ColumnMap, header: Sequence[str]) -> bool:
    """Tell whether a file has the columns that only a failures file has, and for that purpose."""
    own = {FAILED_ROW, FAILED_WHY}
    return own <= set(header) and own.isdisjoint(column_map.columns())


def _targets(column_map: ColumnMap, header: list[str]) -> Iterator[Target]:
    unsubscribed = column_map.unsubscribed
    for field, column in column_map.fields():
        yield Target(
            field=field,
            column=column,
            index=column_index(header, column),
            true_when=unsubscribed.true_when if unsubscribed and field == "unsubscribed" else None,
        )
    for key, mapped in column_map.properties.items():
        yield Target(
            field=f"properties.{mapped.stored_as or key}",
            column=mapped.column,
            index=column_index(header, mapped.column),
            type=mapped.type,
            decimal=mapped.decimal,
        )
