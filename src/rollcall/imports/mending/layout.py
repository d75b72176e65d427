"""How mended rows stand in the file that is imported again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.column_names import FAILED_ROW, column_names
from rollcall.imports.mapping.plan import Plan, make_plan
from rollcall.imports.reading.dialect import Dialect

MENDED_ENCODING, MENDED_DELIMITER = "utf-8", ","


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of mended rows: those of the first file, and one that tells the row there.

    `width` is the number of the first file's columns, `row_column` the index of the one that tells
    the row, which may be there already; None where the client's own has its name.
    """

    header: tuple[str, ...]
    width: int
    row_column: int | None
    plan: Plan

    @classmethod
    def of(cls, dialect: dict[str, Any], column_map: dict[str, Any]) -> Layout:
        """Return the layout of an import's mended rows, from its row's values."""
        header = Dialect.from_json(dialect).header
        mapped = ColumnMap.model_validate(column_map)
        width = len(header)
        row_column: int | None = None
        if FAILED_ROW not in set(mapped.columns()):
            row_column = header.index(FAILED_ROW) if FAILED_ROW in header else width
            header = header if row_column < width else (*header, FAILED_ROW)
        return cls(
            header=header, width=width, row_column=row_column, plan=make_plan(mapped, header)
        )

    def record(self, row: int, cells: Sequence[str]) -> list[str]:
        """Return the record of a row; what stands beyond the header's last column stays there."""
        record = [*cells[: self.width], *[""] * (self.width - len(cells))]
        if self.row_column is not None:
            record[self.row_column : self.row_column + 1] = [str(row)]
        return record + list(cells[self.width :])

    @property
    def names(self) -> list[str]:
        """The name of each of the first file's columns; what has none has its number."""
        named = column_names(self.header[: self.width])
        return [name or f"({at})" for at, name in enumerate(named, start=1)]

    @property
    def mapped(self) -> list[int]:
        """The indices of the mapped columns, in the order in which problems are reported."""
        return list(dict.fromkeys(target.index for target in self.plan.targets))

    def index_of(self, column: str | None) -> int | None:
        """Return the index of the column that a failure names."""
        return next((each.index for each in self.plan.targets if each.column == column), None)

    def dialect(self) -> Dialect:
        """Return how the file of mended rows is read. Nothing in it has to be guessed."""
        return Dialect(
            encoding=MENDED_ENCODING,
            delimiter=MENDED_DELIMITER,
            header=self.header,
            header_row=1,
        )


def checking(plan: Plan) -> Plan:
    """Return a plan that fails the same records and does not divide names, which takes long."""
    targets = (
        replace(target, field="first_name") if target.field == "full_name" else target
        for target in plan.targets
    )
    return replace(plan, targets=tuple(targets))
