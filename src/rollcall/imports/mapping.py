"""Step 3b: raw records → contact fields and failures. Pure, and knows no database.

The rules are evaluated on whole columns at a time, which is an order of magnitude faster than
record by record and gives the same result: no rule of a record depends on another record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from rollcall.contacts import addresses
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.parse import Chunk, Place
from rollcall.imports.records import Records
from rollcall.properties.values import MAX_TEXT_CHARACTERS, PropertyType

BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
TRUE_WORDS = ("true", "t", "yes", "y", "1", "on")
FALSE_WORDS = ("false", "f", "no", "n", "0", "off")
INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
# Where a cell has bytes that mean nothing in the file's encoding, the frame has this instead.
UNREADABLE = "\ufffd\x00unreadable"

# A code, the column at fault, and the condition.
Problem = tuple[str, str, pl.Expr]


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
    """What is read from each record; `width` is the number of the header's cells."""

    targets: tuple[Target, ...]
    width: int

    @property
    def properties(self) -> tuple[Target, ...]:
        return tuple(target for target in self.targets if target.type is not None)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A record that fails: its row, the column at fault if it is one, and the reason's code."""

    row: int
    column: str | None
    code: str


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


def make_plan(column_map: ColumnMap, header: Sequence[str]) -> Plan:
    """Return where in a record each mapped field stands."""
    return Plan(targets=tuple(_targets(column_map, list(header))), width=len(header))


def map_chunk(chunk: Chunk, plan: Plan) -> Mapped:
    """Map the records of a chunk; blank records vanish."""
    records = chunk.records
    failures = _check_widths(chunk, plan.width)
    frame = _strip(_read_targets(chunk, plan))
    blank = _blank_rows(frame, records, chunk.first_row)
    frame = frame.filter(~pl.col("row").is_in([*blank, *(failure.row for failure in failures)]))
    problems = _problems(plan)
    frame = _check(frame, problems)
    failures += _failures(frame, problems)
    failures += [Failure(row=f.row, column=None, code=f.code) for f in chunk.failures]
    return Mapped(
        contacts=_contacts(frame, plan),
        failures=sorted(failures, key=lambda failure: failure.row),
        first_row=chunk.first_row,
        last_row=chunk.last_row,
        start=chunk.start,
        resume=chunk.resume,
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
        Failure(row=chunk.first_row + position, column=None, code="too_many_cells")
        for position in chunk.records.wider_than(width)
        if any(cell.strip() for cell in chunk.records[position][width:])
    ]


def _read_targets(chunk: Chunk, plan: Plan) -> pl.DataFrame:
    records = chunk.records
    rows = pl.int_range(
        chunk.first_row, chunk.first_row + len(records), dtype=pl.Int64, eager=True
    ).alias("row")
    columns = [_series(target.field, records.column(target.index)) for target in plan.targets]
    return pl.DataFrame([rows, *columns])


def _series(name: str, cells: pl.Series | list[str]) -> pl.Series:
    if isinstance(cells, pl.Series):
        return cells.alias(name)
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:
        readable = [cell if _is_readable(cell) else UNREADABLE for cell in cells]
        return pl.Series(name, readable, dtype=pl.String)


def _is_readable(cell: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in cell)


def _strip(frame: pl.DataFrame) -> pl.DataFrame:
    cells = pl.col(pl.String).str.strip_chars(BLANKS)
    return frame.with_columns(cells).with_columns(
        pl.when(pl.col(pl.String) != "").then(pl.col(pl.String))
    )


def _blank_rows(frame: pl.DataFrame, records: Records, first_row: int) -> list[int]:
    """Return the rows without content; only those without an e-mail can be among them."""
    candidates = frame.filter(pl.col("email").is_null())["row"].to_list()
    return [row for row in candidates if not any(cell.strip() for cell in records[row - first_row])]


def _check(frame: pl.DataFrame, problems: list[Problem]) -> pl.DataFrame:
    """Add `problem`: the index of a record's first problem in the order of `_problems`, or null."""
    frame = frame.with_columns(_is_address(frame["email"]).alias("is_address"))
    checks = [
        pl.when(condition).then(pl.lit(index, dtype=pl.UInt32))
        for index, (_, _, condition) in enumerate(problems)
    ]
    return frame.with_columns(pl.coalesce(checks).alias("problem")).drop("is_address")


def _failures(frame: pl.DataFrame, problems: list[Problem]) -> list[Failure]:
    failed = frame.filter(pl.col("problem").is_not_null()).select("row", "problem")
    return [
        Failure(row=row, column=problems[problem][1], code=problems[problem][0])
        for row, problem in failed.iter_rows()
    ]


def _problems(plan: Plan) -> list[Problem]:
    """Return all that can be wrong with a record, in the order in which it is reported."""
    columns = [(target.column, pl.col(target.field)) for target in plan.targets]
    email = plan.targets[0].column
    problems: list[Problem] = [
        *(("invalid_encoding", name, cell == UNREADABLE) for name, cell in columns),
        *(
            ("invalid_character", name, cell.str.contains("\x00", literal=True))
            for name, cell in columns
        ),
        *(("value_too_long", name, _is_too_long(cell)) for name, cell in columns),
        ("missing_email", email, pl.col("email").is_null()),
        ("invalid_email", email, ~pl.col("is_address")),
    ]
    for target in plan.targets:
        cell = pl.col(target.field)
        if target.field == "unsubscribed":
            bad = cell.is_not_null() & _read_unsubscribed(cell).is_null()
            problems.append(("invalid_boolean", target.column, bad))
        elif target.type is PropertyType.NUMBER:
            bad = cell.is_not_null() & ~_is_number(cell)
            problems.append(("invalid_number", target.column, bad))
        elif target.type is PropertyType.BOOLEAN:
            bad = cell.is_not_null() & _read_boolean(cell).is_null()
            problems.append(("invalid_boolean", target.column, bad))
    return problems


def _is_too_long(cell: pl.Expr) -> pl.Expr:
    # Counting bytes is free; characters are counted only where the bytes allow too many.
    return pl.when(cell.str.len_bytes() > MAX_TEXT_CHARACTERS).then(
        cell.str.len_chars() > MAX_TEXT_CHARACTERS
    )


def _is_address(cells: pl.Series) -> pl.Series:
    """Tell which cells are e-mail addresses; the few long ones are looked at one by one."""
    shaped = cells.str.contains(f"^{addresses.SHAPE}$")
    long = cells.str.len_bytes() > addresses.ALWAYS_SHORT_ENOUGH
    if not long.any():
        return shaped
    looked_at = cells.filter(long).map_elements(addresses.is_address, return_dtype=pl.Boolean)
    return shaped.scatter(long.arg_true(), looked_at)


def _is_number(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(NUMBER) & cell.cast(pl.Float64, strict=False).is_finite()


def _read_boolean(
    cell: pl.Expr, true: Sequence[str] = TRUE_WORDS, false: Sequence[str] = FALSE_WORDS
) -> pl.Expr:
    words = {**dict.fromkeys(true, True), **dict.fromkeys(false, False)}
    return cell.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def _read_unsubscribed(cell: pl.Expr) -> pl.Expr:
    return _read_boolean(cell, (*TRUE_WORDS, "unsubscribed"), (*FALSE_WORDS, "subscribed"))


def _contacts(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the records without a problem, their cells as values of their fields."""
    values = [_read_value(target).alias(target.field) for target in plan.targets]
    return frame.filter(pl.col("problem").is_null()).select("row", *values)


def _read_value(target: Target) -> pl.Expr:
    cell = pl.col(target.field)
    if target.field == "email":
        return cell.str.to_lowercase()
    if target.field == "unsubscribed":
        return _read_unsubscribed(cell)
    if target.type is PropertyType.NUMBER:
        return _read_number(cell)
    if target.type is PropertyType.BOOLEAN:
        return _read_boolean(cell)
    return cell


def _read_number(cell: pl.Expr) -> pl.Expr:
    """Return numbers as JSON writes them: integers exact, all others as doubles."""
    digits = cell.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    double = cell.cast(pl.Float64, strict=False).cast(pl.String).str.replace(r"\.0$", "")
    number = pl.when(cell.str.contains(INTEGER)).then(digits).otherwise(double)
    # One text for one number, so that two records that mean the same do not look different.
    return number.replace("-0", "0")
