"""Step 3b: raw records → contact fields and failures. Pure, and knows no database.

The rules are evaluated on whole columns at a time, which is an order of magnitude faster than
record by record and gives the same result: no rule of a record depends on another record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from rollcall.imports import cells
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.encoding import storable
from rollcall.imports.parse import Chunk, Place
from rollcall.imports.reasons import (
    MAX_VALUE_CHARACTERS,
    UNREADABLE_BEGINS,
    Failure,
    shorten,
)
from rollcall.imports.records import UNREADABLE, Records
from rollcall.imports.warnings import RowWarning, misspelled_domains
from rollcall.properties.values import PropertyType

BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
# The columns that a failures file has besides the original ones.
FAILED_ROW, FAILED_WHY = "import_row", "import_error"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A contact field or property, and the column of the file that it is read from.

    `field` is the name of the column in the mapped frame: a contact field's own name, or
    `properties.KEY` with the key under which contacts hold the property.
    """

    field: str
    column: str
    index: int
    type: PropertyType | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is read from each record; `width` is the number of the header's cells.

    `told` is where a failures file says why a record has failed before; other files have none.
    """

    targets: tuple[Target, ...]
    width: int
    told: int | None = None

    @property
    def properties(self) -> tuple[Target, ...]:
        return tuple(target for target in self.targets if target.type is not None)


class Problem(NamedTuple):
    """Something that can be wrong with a record: the reason's code, the cell, the condition."""

    code: str
    target: Target
    condition: pl.Expr


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What became of a chunk of records; `contacts` has the columns `row` and each target's field.

    In the frame null is "no value". Failures are in the order of rows. `start` and `resume` are
    the chunk's.
    """

    contacts: pl.DataFrame
    failures: list[Failure]
    first_row: int
    last_row: int
    start: Place
    resume: Place
    warnings: list[RowWarning] = dataclasses.field(default_factory=list)


def make_plan(column_map: ColumnMap, header: Sequence[str]) -> Plan:
    """Return where in a record each mapped field stands."""
    return Plan(
        targets=tuple(_targets(column_map, list(header))),
        width=len(header),
        told=header.index(FAILED_WHY) if is_failures_file(column_map, header) else None,
    )


def is_failures_file(column_map: ColumnMap, header: Sequence[str]) -> bool:
    """Tell whether a file has the columns that only a failures file has, and for that purpose."""
    own = {FAILED_ROW, FAILED_WHY}
    return own <= set(header) and own.isdisjoint(column_map.columns())


def map_chunk(chunk: Chunk, plan: Plan) -> Mapped:
    """Map the records of a chunk; blank records vanish."""
    records = chunk.records
    failures = _check_widths(chunk, plan.width)
    frame = _read_targets(chunk, plan)
    if plan.told is not None:
        frame = _keep_unreadable(frame, records.column(plan.told))
    frame = _strip(frame)
    blank = _blank_rows(frame, records, chunk.first_row)
    frame = frame.filter(~pl.col("row").is_in([*blank, *(failure.row for failure in failures)]))
    problems = _problems(plan)
    frame = _check(frame, problems)
    failures += _failures(frame, problems, chunk)
    failures += [Failure(row=f.row, column=None, code=f.code) for f in chunk.failures]
    accepted = frame.filter(pl.col("problem").is_null())
    return Mapped(
        contacts=_contacts(accepted, plan),
        failures=sorted(failures, key=itemgetter(0)),
        first_row=chunk.first_row,
        last_row=chunk.last_row,
        start=chunk.start,
        resume=chunk.resume,
        warnings=misspelled_domains(accepted, plan.targets[0].column),
    )


def _targets(column_map: ColumnMap, header: list[str]) -> Iterator[Target]:
    for field in DEFAULT_FIELDS:
        column = getattr(column_map, field)
        if column is not None:
            yield Target(field=field, column=column, index=header.index(column))
    for key, mapped in column_map.properties.items():
        yield Target(
            field=f"properties.{mapped.stored_as or key}",
            column=mapped.column,
            index=header.index(mapped.column),
            type=mapped.type,
        )


def _check_widths(chunk: Chunk, width: int) -> list[Failure]:
    """Return the failures of records that have content beyond the header's last column."""
    return [
        Failure(chunk.first_row + position, None, "too_many_cells", _show(surplus))
        for position in chunk.records.wider_than(width)
        if (surplus := next(filter(str.strip, chunk.records[position][width:]), None)) is not None
    ]


def _read_targets(chunk: Chunk, plan: Plan) -> pl.DataFrame:
    records = chunk.records
    rows = pl.int_range(
        chunk.first_row, chunk.first_row + len(records), dtype=pl.Int64, eager=True
    ).alias("row")
    columns = [records.column(target.index).alias(target.field) for target in plan.targets]
    return pl.DataFrame([rows, *columns])


def _keep_unreadable(frame: pl.DataFrame, told: pl.Series) -> pl.DataFrame:
    """Fail what a failures file shows as unreadable until somebody has typed it again."""
    cell = pl.col(pl.String)
    was_unreadable = pl.lit(told.str.starts_with(UNREADABLE_BEGINS))
    still_is = was_unreadable & cell.str.contains("\N{REPLACEMENT CHARACTER}", literal=True)
    return frame.with_columns(pl.when(~still_is).then(cell).otherwise(pl.lit(UNREADABLE)))


def _strip(frame: pl.DataFrame) -> pl.DataFrame:
    stripped = pl.col(pl.String).str.strip_chars(BLANKS)
    return frame.with_columns(stripped).with_columns(
        pl.when(pl.col(pl.String) != "").then(pl.col(pl.String))
    )


def _blank_rows(frame: pl.DataFrame, records: Records, first_row: int) -> list[int]:
    """Return the rows without content; only those without an e-mail can be among them."""
    candidates = frame.filter(pl.col("email").is_null())["row"].to_list()
    return [row for row in candidates if not any(cell.strip() for cell in records[row - first_row])]


def _check(frame: pl.DataFrame, problems: list[Problem]) -> pl.DataFrame:
    """Add `problem`: the index of a record's first problem in the order of `_problems`, or null."""
    frame = frame.with_columns(cells.is_address(frame["email"]).alias("is_address"))
    checks = [
        pl.when(condition).then(pl.lit(index, dtype=pl.UInt32))
        for index, (_, _, condition) in enumerate(problems)
    ]
    return frame.with_columns(pl.coalesce(checks).alias("problem")).drop("is_address")


def _failures(frame: pl.DataFrame, problems: list[Problem], chunk: Chunk) -> Iterator[Failure]:
    failed = frame.filter(pl.col("problem").is_not_null())
    for index in failed["problem"].unique().to_list():
        code, target, _ = problems[index]
        records = failed.filter(pl.col("problem") == index)
        rows = records["row"].to_list()
        values: list[str | None]
        if code in ("invalid_encoding", "invalid_character"):
            values = [_show(chunk.records[row - chunk.first_row][target.index]) for row in rows]
        else:
            values = _shortened(records[target.field])
        yield from map(Failure, rows, repeat(target.column), repeat(code), values)


def _show(cell: str) -> str:
    return storable(shorten(cell.strip()))


def _shortened(column: pl.Series) -> list[str | None]:
    beginnings = column.str.head(MAX_VALUE_CHARACTERS + 1)
    return [cell and shorten(cell) for cell in beginnings.to_list()]


def _problems(plan: Plan) -> list[Problem]:
    """Return all that can be wrong with a record, in the order in which it is reported."""
    columns = [(target, pl.col(target.field)) for target in plan.targets]
    email = plan.targets[0]
    problems = [
        *(Problem("invalid_encoding", target, cell == UNREADABLE) for target, cell in columns),
        *(
            Problem("invalid_character", target, cell.str.contains("\x00", literal=True))
            for target, cell in columns
        ),
        *(Problem("value_too_long", target, cells.is_too_long(cell)) for target, cell in columns),
        Problem("missing_email", email, pl.col("email").is_null()),
        Problem("invalid_email", email, ~pl.col("is_address")),
    ]
    for target, cell in columns:
        if target.field == "unsubscribed":
            bad = cell.is_not_null() & cells.read_unsubscribed(cell).is_null()
            problems.append(Problem("invalid_boolean", target, bad))
        elif target.type is PropertyType.NUMBER:
            bad = cell.is_not_null() & ~cells.is_number(cell)
            problems.append(Problem("invalid_number", target, bad))
        elif target.type is PropertyType.BOOLEAN:
            bad = cell.is_not_null() & cells.read_boolean(cell).is_null()
            problems.append(Problem("invalid_boolean", target, bad))
    return problems


def _contacts(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return records without a problem, their cells as values of their fields."""
    values = [_read_value(target).alias(target.field) for target in plan.targets]
    return frame.select("row", *values)


def _read_value(target: Target) -> pl.Expr:
    cell = pl.col(target.field)
    if target.field == "email":
        return cell.str.to_lowercase()
    if target.field == "unsubscribed":
        return cells.read_unsubscribed(cell)
    if target.type is PropertyType.NUMBER:
        return cells.read_number(cell)
    if target.type is PropertyType.BOOLEAN:
        return cells.read_boolean(cell)
    return cell
