"""Raw records → contact fields and failures. Pure, and knows no database.

The rules are evaluated on whole columns at a time, which is an order of magnitude faster than
record by record and gives the same result: no rule of a record depends on another record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.issues import MAX_VALUE_CHARACTERS, Failure, FailureCode, RowWarning, shorten
from rollcall.imports.mapping.cells import (
    read_boolean,
    read_emails,
    read_formulas,
    read_number,
    read_unsubscribed,
)
from rollcall.imports.mapping.names import split_names
from rollcall.imports.mapping.plan import FULL_NAME, Plan, Target
from rollcall.imports.mapping.remarks import cleaned_emails, misspelled_domains
from rollcall.imports.reading.chunks import Chunk
from rollcall.imports.reading.encoding import storable
from rollcall.imports.reading.records import UNREADABLE, Traits
from rollcall.imports.sentences import UNREADABLE_BEGINS
from rollcall.properties.values import PropertyType
from rollcall.text import AROUND, MAX_TEXT_CHARACTERS, strip_cell


class Check(NamedTuple):
    """Something that can be wrong with a record: the reason's code, the cell, the condition."""

    code: FailureCode
    target: Target
    condition: pl.Expr | pl.Series


@dataclass(frozen=True, kw_only=True)
class MappedChunk:
    """What became of a chunk of records; `contacts` has the columns `row` and each target's field.

    In the frame null is "no value". Failures are in the order of rows. `start` and `resume` are
    the chunk's.
    """

    contacts: pl.DataFrame
    failures: list[Failure]
    first_row: int
    last_row: int
    start: Checkpoint
    resume: Checkpoint
    warnings: list[RowWarning] = dataclasses.field(default_factory=list)


def map_chunk(chunk: Chunk, plan: Plan) -> MappedChunk:
    """Map the records of a chunk; blank records vanish."""
    failures = _check_widths(chunk, plan.width)
    frame = _read_targets(chunk, plan)
    passed_over = _blank_rows(frame, chunk) + [failure.row for failure in failures]
    if passed_over:
        frame = frame.filter(~pl.col("row").is_in(passed_over))
    emails = read_emails(frame["email"])
    cleaned = frame.select("row", "email")[emails.cleaned]
    values = [
        emails.addresses if target.field == "email" else _read_values(target, frame[target.field])
        for target in plan.targets
    ]
    problems = _problems(frame, values, plan, chunk.records.traits)
    problem = _first_problem(problems)
    contacts = pl.DataFrame(
        [frame["row"], *(v.alias(t.field) for t, v in zip(plan.targets, values, strict=True))]
    )
    if problem.null_count() < len(problem):
        failed = problem.is_not_null()
        failures += _failures(frame.filter(failed), problem.drop_nulls(), problems, chunk)
        contacts = contacts.filter(~failed)
        cleaned = cleaned.join(contacts, on="row", how="semi")
    failures += [Failure(row=f.row, column=None, code=f.code) for f in chunk.failures]
    if FULL_NAME in contacts.columns:
        contacts = split_names(contacts)
    return MappedChunk(
        contacts=contacts.with_columns(pl.col("email").str.to_lowercase()),
        failures=sorted(failures, key=itemgetter(0)),
        first_row=chunk.first_row,
        last_row=chunk.last_row,
        start=chunk.start,
        resume=chunk.resume,
        warnings=[
            *misspelled_domains(contacts, plan.targets[0].column),
            *cleaned_emails(cleaned, plan.targets[0].column),
            *_applied(chunk.warnings, contacts),
        ],
    )


def _applied(warnings: list[RowWarning], contacts: pl.DataFrame) -> list[RowWarning]:
    """Return the warnings of records that have not failed and are not blank."""
    if not warnings:
        return []
    rows = set(contacts["row"].to_list())
    return [warning for warning in warnings if warning.row in rows]


def _check_widths(chunk: Chunk, width: int) -> list[Failure]:
    """Return the failures of records that have content beyond the header's last column."""
    return [
        Failure(chunk.first_row + position, None, FailureCode.TOO_MANY_CELLS, _show(surplus))
        for position in chunk.records.wider_than(width)
        if (surplus := next(filter(strip_cell, chunk.records[position][width:]), None)) is not None
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
    if plan.reason_column is not None:
        (reasons,) = records.columns([plan.reason_column])
        frame = _keep_unreadable(frame, reasons)
    if records.traits.blank_ends:
        frame = frame.with_columns(pl.col(pl.String).str.strip_chars(AROUND))
    if records.traits.formulas:
        frame = frame.with_columns(read_formulas(column) for column in frame[:, 1:])
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def _keep_unreadable(frame: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    """Fail what a failures file shows as unreadable until somebody has typed it again."""
    cell = pl.col(pl.String)
    was_unreadable = pl.lit(reasons.fill_null("").str.starts_with(UNREADABLE_BEGINS))
    still_is = was_unreadable & cell.str.contains("\N{REPLACEMENT CHARACTER}", literal=True)
    return frame.with_columns(pl.when(~still_is).then(cell).otherwise(pl.lit(UNREADABLE)))


def _blank_rows(frame: pl.DataFrame, chunk: Chunk) -> list[int]:
    """Return the rows without content; what is not mapped counts, too."""
    if not frame["email"].null_count():
        return []
    nothing = pl.all_horizontal(pl.exclude("row").is_null())
    candidates = frame.filter(nothing)["row"].to_list()
    records = chunk.records
    return [row for row in candidates if not any(map(strip_cell, records[row - chunk.first_row]))]


def _read_values(target: Target, cells: pl.Series) -> pl.Series:
    """Return what cells mean, null where they mean nothing; texts are as they are."""
    if target.field == "unsubscribed":
        values = read_unsubscribed(cells, target.true_when)
    elif target.type is PropertyType.NUMBER:
        values = read_number(cells, target.decimal)
    elif target.type is PropertyType.BOOLEAN:
        values = read_boolean(cells)
    else:
        values = cells
    return values


def _first_problem(problems: list[Check]) -> pl.Series:
    """Return the index of each record's first problem, or null."""
    checks = [
        pl.when(problem.condition).then(pl.lit(index, dtype=pl.UInt32))
        for index, problem in enumerate(problems)
    ]
    return pl.select(pl.coalesce(checks)).to_series()


def _failures(
    failed: pl.DataFrame, which: pl.Series, problems: list[Check], chunk: Chunk
) -> Iterator[Failure]:
    """Yield the failures of these records, each of which has the problem of that index."""
    beginnings = failed.select("row", pl.col(pl.String).str.head(MAX_VALUE_CHARACTERS + 1))
    for index, cells in zip(which.to_list(), beginnings.iter_rows(named=True), strict=True):
        code, target, _ = problems[index]
        row = cells["row"]
        if code in (FailureCode.INVALID_ENCODING, FailureCode.INVALID_CHARACTER):
            value = _show(chunk.records[row - chunk.first_row][target.index])
        else:
            value = cells[target.field]
            value = value and shorten(value)
        yield Failure(row, target.column, code, value)


def _show(cell: str) -> str:
    return storable(shorten(strip_cell(cell)))


def _problems(
    frame: pl.DataFrame, values: list[pl.Series], plan: Plan, traits: Traits
) -> list[Check]:
    """Return all that can be wrong with these records, in the order in which it is reported."""
    columns = [(target, frame[target.field]) for target in plan.targets]
    # Counting bytes is free; characters are counted only where there are too many bytes.
    is_long = pl.col(pl.String).str.len_bytes().max() > MAX_TEXT_CHARACTERS
    has_long = frame.select(is_long).row(0, named=True)
    problems = []
    if traits.unreadable or plan.reason_column is not None:
        problems += [
            Check(FailureCode.INVALID_ENCODING, t, cells == UNREADABLE) for t, cells in columns
        ]
    if traits.nul:
        problems += [
            Check(FailureCode.INVALID_CHARACTER, target, cells.str.contains("\0", literal=True))
            for target, cells in columns
        ]
    problems += [
        Check(FailureCode.VALUE_TOO_LONG, target, cells.str.len_chars() > MAX_TEXT_CHARACTERS)
        for target, cells in columns
        if has_long[target.field]
    ]
    email = frame["email"]
    problems += [
        Check(FailureCode.MISSING_EMAIL, plan.targets[0], email.is_null()),
    ]
    for (target, cells), read in zip(columns, values, strict=True):
        if read.null_count() > cells.null_count():
            condition = cells.is_not_null() & read.is_null()
            problems.append(Check(_misfit(target), target, condition))
    return problems


def _misfit(target: Target) -> FailureCode:
    """Return what it is called when a cell has no value that its target can have."""
    if target.field == "email":
        return FailureCode.INVALID_EMAIL
    is_number = target.type is PropertyType.NUMBER
    return FailureCode.INVALID_NUMBER if is_number else FailureCode.INVALID_BOOLEAN
