"""What a cell means as a value, and whether it can: expressions on whole columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rollcall.contacts import addresses
from rollcall.properties.values import MAX_TEXT_CHARACTERS

TRUE_WORDS = ("true", "t", "yes", "y", "1", "on")
FALSE_WORDS = ("false", "f", "no", "n", "0", "off")
INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


def is_too_long(cell: pl.Expr) -> pl.Expr:
    # Counting bytes is free; characters are counted only where the bytes allow too many.
    return pl.when(cell.str.len_bytes() > MAX_TEXT_CHARACTERS).then(
        cell.str.len_chars() > MAX_TEXT_CHARACTERS
    )


def is_address(cells: pl.Series) -> pl.Series:
    """Tell which cells are e-mail addresses; the few long ones are looked at one by one."""
    shaped = cells.str.contains(f"^{addresses.SHAPE}$")
    long = cells.str.len_bytes() > addresses.ALWAYS_SHORT_ENOUGH
    if not long.any():
        return shaped
    looked_at = cells.filter(long).map_elements(addresses.is_address, return_dtype=pl.Boolean)
    return shaped.scatter(long.arg_true(), looked_at)


def is_number(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(NUMBER) & cell.cast(pl.Float64, strict=False).is_finite()


def read_boolean(
    cell: pl.Expr, true: Sequence[str] = TRUE_WORDS, false: Sequence[str] = FALSE_WORDS
) -> pl.Expr:
    words = {**dict.fromkeys(true, True), **dict.fromkeys(false, False)}
    return cell.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def read_unsubscribed(cell: pl.Expr) -> pl.Expr:
    return read_boolean(cell, (*TRUE_WORDS, "unsubscribed"), (*FALSE_WORDS, "subscribed"))


def read_number(cell: pl.Expr) -> pl.Expr:
    """Return numbers as JSON writes them: integers exact, all others as doubles."""
    digits = cell.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    double = cell.cast(pl.Float64, strict=False).cast(pl.String).str.replace(r"\.0$", "")
    number = pl.when(cell.str.contains(INTEGER)).then(digits).otherwise(double)
    # One text for one number, so that two records that mean the same do not look different.
    return number.replace("-0", "0")
