"""What a cell means as a value, and whether it can: expressions on whole columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from rollcall.contacts import addresses
from rollcall.imports.cell_shapes import (
    DIVIDERS,
    FALSE_WORDS,
    FORMULA_BEGINS,
    NUMBER,
    SUBSCRIBED_WORDS,
    TRUE_WORDS,
    UNSUBSCRIBED_WORDS,
    WITH_COMMA,
    read_formula,
)
from rollcall.imports.column_map import COMMA, NOT_EMPTY, POINT
from rollcall.imports.pasted_addresses import clean_address

# As JSON writes it, and small enough for every double.
PLAIN_INTEGER = r"^(?:0|-?[1-9][0-9]{0,15})$"
INTEGER = r"^[+-]?[0-9]+$"
_NUMBER, _WITH_COMMA = f"^{NUMBER}$", f"^{WITH_COMMA}$"


def read_formulas(cells: pl.Series) -> pl.Series:
    """Replace each cell that is `="…"` as a whole by what stands between the quotes."""
    formulas = cells.str.starts_with(FORMULA_BEGINS).fill_null(value=False)
    if not formulas.any():
        return cells
    read = cells.filter(formulas).map_elements(read_formula, return_dtype=pl.String)
    return cells.scatter(formulas.arg_true(), read)


def is_plain_address(cells: pl.Series) -> pl.Series:
    """Tell which cells are e-mail addresses that nothing has to be taken away from.

    An apostrophe may begin an address, but there it is what hides from a spreadsheet that a text is
    one. The few long cells are looked at one by one.
    """
    cell = pl.lit(cells)
    shaped, length = pl.select(
        cell.str.contains(f"^{addresses.SHAPE_WITHOUT_APOSTROPHE_BEFORE}$").alias("shaped"),
        cell.str.len_bytes().alias("length"),
    ).get_columns()
    if (length.max() or 0) <= addresses.ALWAYS_SHORT_ENOUGH:  # type: ignore[operator]
        return shaped
    long = shaped & (length > addresses.ALWAYS_SHORT_ENOUGH)
    looked_at = cells.filter(long).map_elements(addresses.is_address, return_dtype=pl.Boolean)
    return shaped.scatter(long.arg_true(), looked_at)


class Emails(NamedTuple):
    """What cells mean as e-mail addresses, null where they are none.

    `cleaned` are the positions of those that were more than blanks and invisible characters away
    from an address.
    """

    addresses: pl.Series
    cleaned: list[int]


def read_emails(cells: pl.Series) -> Emails:
    """Return the addresses in cells; only the few that are none as they stand are cleaned."""
    others = ~is_plain_address(cells)
    if not others.any():
        return Emails(cells, [])
    positions = others.arg_true()
    read = [_read_email(cell) for cell in cells.filter(others)]
    read_as = pl.Series([address for address, _ in read], dtype=pl.String)
    is_cleaned = pl.Series([cleaned for _, cleaned in read], dtype=pl.Boolean)
    return Emails(cells.scatter(positions, read_as), positions.filter(is_cleaned).to_list())


def _read_email(cell: str) -> tuple[str | None, bool]:
    text, cleaned = clean_address(cell)
    address = addresses.read_address(text)
    return address, cleaned and address is not None


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


def read_unsubscribed(cells: pl.Series, true_when: Sequence[str] | str | None = None) -> pl.Series:
    """Return who has unsubscribed; with `true_when` every cell that is not empty says something."""
    if true_when is None:
        return read_boolean(cells, UNSUBSCRIBED_WORDS, SUBSCRIBED_WORDS)
    cell = pl.lit(cells)
    said: pl.Expr = pl.lit(value=True)
    if true_when != NOT_EMPTY:
        words = {word.casefold() for word in true_when}
        spellings = pl.select(cell.unique()).to_series().drop_nulls()
        yes = [spelling for spelling in spellings.to_list() if spelling.casefold() in words]
        said = cell.is_in(pl.Series(yes, dtype=pl.String).implode())
    return pl.select(pl.when(cell.is_not_null()).then(said)).to_series()


def read_number(cells: pl.Series, decimal: str = POINT) -> pl.Series:
    """Return numbers as JSON writes them: integers exact, all others as doubles.

    Null where a cell is not a number, or one that no double can hold. With a decimal comma, a point
    is what may divide groups of three digits.
    """
    if decimal == COMMA:
        cell = pl.lit(cells)
        plain = cell.str.replace_all(DIVIDERS, "").str.replace(COMMA, POINT, literal=True)
        cells = pl.select(pl.when(cell.str.contains(_WITH_COMMA)).then(plain)).to_series()
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
    is_number = cell.str.contains(_NUMBER) & double.is_finite()
    # One text for one number, so that two records that mean the same do not look different.
    return pl.when(is_number).then(number.replace("-0", "0"))
