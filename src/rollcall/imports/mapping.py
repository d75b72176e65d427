"""Step 3b: raw records → contact fields and failures. Pure, and knows no database.

The rules are evaluated on whole columns at a time, which is an order of magnitude faster than
record by record and gives the same result: no rule of a record depends on another record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from rollcall.imports.cells import is_address, read_boolean, read_number, read_unsubscribed
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.encoding import storable
from rollcall.imports.parse import Chunk, Place
from rollcall.imports.reasons import (
    MAX_VALUE_CHARACTERS,
    UNREADABLE_BEGINS,
    Failure,
    shorten,
)
from rollcall.imports.records import UNREADABLE, Traits
from rollcall.imports.warnings import RowWarning, misspelled_domains
from rollcall.properties.values import MAX_TEXT_CHARACTERS, PropertyType

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
    condition: pl.Expr | pl.Series


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
    failures = _check_widths(chunk, plan.width)
    frame = _read_targets(chunk, plan)
    passed_over = _blank_rows(frame, chunk) + [failure.row for failure in failures]
    if passed_over:
        frame = frame.filter(~pl.col("row").is_in(passed_over))
    values = [_read_values(target, frame[target.field]) for target in plan.targets]
    problems = _problems(frame, values, plan, chunk.records.traits)
    problem = _first_problem(problems)
    contacts = pl.DataFrame([frame["row"], *values])
    if problem.null_count() < len(problem):
        failed = problem.is_not_null()
        failures += _failures(frame.filter(failed), problem.drop_nulls(), problems, chunk)
        frame, contacts = frame.filter(~failed), contacts.filter(~failed)
    failures += [Failure(row=f.row, column=None, code=f.code) for f in chunk.failures]
    return Mapped(
        contacts=contacts.with_columns(pl.col("email").str.to_lowercase()),
        failures=sorted(failures, key=itemgetter(0)),
        first_row=chunk.first_row,
        last_row=chunk.last_row,
        start=chunk.start,
        resume=chunk.resume,
        warnings=misspelled_domains(frame, plan.targets[0].column),
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
    """Return `row` and the cells of each target, stripped and null where nothing is left."""
    records = chunk.records
    end = chunk.first_row + len(records)
    rows = pl.int_range(chunk.first_row, end, dtype=pl.Int64, eager=True).alias("row")
    columns = records.columns([target.index for target in plan.targets])
    fields = [
        column.alias(target.field) for target, column in zip(plan.targets, columns, strict=True)
    ]
    frame = pl.DataFrame([rows, *fields])
    if plan.told is not None:
        (told,) = records.columns([plan.told])
        frame = _keep_unreadable(frame, told)
    if records.traits.blank_ends:
        frame = frame.with_columns(pl.col(pl.String).str.strip_chars(BLANKS))
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def _keep_unreadable(frame: pl.DataFrame, told: pl.Series) -> pl.DataFrame:
    """Fail what a failures file shows as unreadable until somebody has typed it again."""
    cell = pl.col(pl.String)
    was_unreadable = pl.lit(told.fill_null("").str.starts_with(UNREADABLE_BEGINS))
    still_is = was_unreadable & cell.str.contains("\N{REPLACEMENT CHARACTER}", literal=True)
    return frame.with_columns(pl.when(~still_is).then(cell).otherwise(pl.lit(UNREADABLE)))


def _blank_rows(frame: pl.DataFrame, chunk: Chunk) -> list[int]:
    """Return the rows without content; what is not mapped counts, too."""
    if not frame["email"].null_count():
        return []
    nothing = pl.all_horizontal(pl.exclude("row").is_null())
    candidates = frame.filter(nothing)["row"].to_list()
    records = chunk.records
    return [
        row
        for row in candidates
        if not any(cell.strip() for cell in records[row - chunk.first_row])
    ]


def _read_values(target: Target, cells: pl.Series) -> pl.Series:
    """Return what cells mean, null where they mean nothing; texts are as they are."""
    if target.field == "unsubscribed":
        values = read_unsubscribed(cells)
    elif target.type is PropertyType.NUMBER:
        values = read_number(cells)
    elif target.type is PropertyType.BOOLEAN:
        values = read_boolean(cells)
    else:
        values = cells
    return values.alias(target.field)


def _first_problem(problems: list[Problem]) -> pl.Series:
    """Return the index of each record's first problem, or null."""
    checks = [
        pl.when(problem.condition).then(pl.lit(index, dtype=pl.UInt32))
        for index, problem in enumerate(problems)
    ]
    return pl.select(pl.coalesce(checks)).to_series()


def _failures(
    failed: pl.DataFrame, which: pl.Series, problems: list[Problem], chunk: Chunk
) -> Iterator[Failure]:
    """Yield the failures of these records, each of which has the problem of that index."""
    beginnings = failed.select("row", pl.col(pl.String).str.head(MAX_VALUE_CHARACTERS + 1))
    for index, cells in zip(which.to_list(), beginnings.iter_rows(named=True), strict=True):
        code, target, _ = problems[index]
        row = cells["row"]
        if code in ("invalid_encoding", "invalid_character"):
            value = _show(chunk.records[row - chunk.first_row][target.index])
        else:
            value = cells[target.field]
            value = value and shorten(value)
        yield Failure(row, target.column, code, value)


def _show(cell: str) -> str:
    return storable(shorten(cell.strip()))


def _problems(
    frame: pl.DataFrame, values: list[pl.Series], plan: Plan, traits: Traits
) -> list[Problem]:
    """Return all that can be wrong with these records, in the order in which it is reported."""
    columns = [(target, frame[target.field]) for target in plan.targets]
    # Counting bytes is free; characters are counted only where there are too many bytes.
    is_long = pl.col(pl.String).str.len_bytes().max() > MAX_TEXT_CHARACTERS
    has_long = frame.select(is_long).row(0, named=True)
    problems = []
    if traits.unreadable or plan.told is not None:
        problems += [Problem("invalid_encoding", t, cells == UNREADABLE) for t, cells in columns]
    if traits.nul:
        problems += [
            Problem("invalid_character", target, cells.str.contains("\0", literal=True))
            for target, cells in columns
        ]
    problems += [
        Problem("value_too_long", target, cells.str.len_chars() > MAX_TEXT_CHARACTERS)
        for target, cells in columns
        if has_long[target.field]
    ]
    email = frame["email"]
    problems += [
        Problem("missing_email", plan.targets[0], email.is_null()),
        Problem("invalid_email", plan.targets[0], ~is_address(email)),
    ]
    for (target, cells), read in zip(columns, values, strict=True):
        if read.null_count() > cells.null_count():
            kind = "number" if target.type is PropertyType.NUMBER else "boolean"
            condition = cells.is_not_null() & read.is_null()
            problems.append(Problem(f"invalid_{kind}", target, condition))
    return problems
