"""What a cell means as a value, and whether it can: expressions on whole columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rollcall.contacts import addresses

TRUE_WORDS = ("true", "t", "yes", "y", "1", "on")
FALSE_WORDS = ("false", "f", "no", "n", "0", "off")
# As JSON writes it, and small enough for every double.
PLAIN_INTEGER = r"^(?:0|-?[1-9][0-9]{0,15})$"
INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


def is_address(cells: pl.Series) -> pl.Series:
    """Tell which cells are e-mail addresses; the few long ones are looked at one by one."""
    cell = pl.lit(cells)
    shaped, length = pl.select(
        cell.str.contains(f"^{addresses.SHAPE}$").alias("shaped"),
        cell.str.len_bytes().alias("length"),
    ).get_columns()
    if (length.max() or 0) <= addresses.ALWAYS_SHORT_ENOUGH:  # type: ignore[operator]
        return shaped
    long = length > addresses.ALWAYS_SHORT_ENOUGH
    looked_at = cells.filter(long).map_elements(addresses.is_address, return_dtype=pl.Boolean)
    return shaped.scatter(long.arg_true(), looked_at)


def read_boolean(
    cells: pl.Series, true: Sequence[str] = TRUE_WORDS, false: Sequence[str] = FALSE_WORDS
) -> pl.Series:
    """Return what cells say; null where they say nothing, or neither yes nor no."""
    cell = pl.lit(cells)
    spellings = pl.select(cell.unique()).to_series().drop_nulls()
    words = {word: word.lower() for word in spellings.to_list()}
    yes = [word for word, lower in words.items() if lower in true]
    no = [word for word, lower in words.items() if lower in false]
    said = (
        pl.when(cell.is_in(pl.Series(yes, dtype=pl.String).implode()))
        .then(True)
        .when(cell.is_in(pl.Series(no, dtype=pl.String).implode()))
        .then(False)
    )
    return pl.select(said).to_series()


def read_unsubscribed(cells: pl.Series) -> pl.Series:
    return read_boolean(cells, (*TRUE_WORDS, "unsubscribed"), (*FALSE_WORDS, "subscribed"))


def read_number(cells: pl.Series) -> pl.Series:
    """Return numbers as JSON writes them: integers exact, all others as doubles.

    Null where a cell is not a number, or one that no double can hold.
    """
    # Nearly all numbers are written like that already.
    others = ~cells.str.contains(PLAIN_INTEGER)
    if not others.any():
        return cells
    read = pl.select(_number(pl.lit(cells.filter(others)))).to_series()
    return cells.scatter(others.arg_true(), read)


def _number(cell: pl.Expr) -> pl.Expr:
    digits = cell.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    double = cell.cast(pl.Float64, strict=False)
    text = double.cast(pl.String).str.replace(r"\.0$", "")
    number = pl.when(cell.str.contains(INTEGER)).then(digits).otherwise(text)
    is_number = cell.str.contains(NUMBER) & double.is_finite()
    # One text for one number, so that two records that mean the same do not look different.
    return pl.when(is_number).then(number.replace("-0", "0"))
