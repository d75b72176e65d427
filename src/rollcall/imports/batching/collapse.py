"""All records of an address become one contact, as if they had come one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rollcall.imports.kinds import OnConflict


def collapse_records(
    records: pl.DataFrame,
    repeated: pl.Series,
    *,
    fields: Sequence[str],
    on_conflict: OnConflict,
    resubscribe: bool,
) -> pl.DataFrame:
    """Return a row for each address, with the column `conflicting` besides.

    When contacts are updated, the last value of each field holds; when they are skipped, the first
    record does.

    Args:
        records: in the order of `email`, `row`.
        repeated: which of them have the address of the one before.
        fields: the columns that may change a contact.
        on_conflict: what becomes of stored contacts.
        resubscribe: whether "subscribed" takes effect on a contact that has unsubscribed.
    """
    records = records.with_columns(conflicting=pl.lit(False))
    if not resubscribe and "unsubscribed" in records.columns:
        # A new contact is subscribed anyway, and on all others the word has no effect.
        only_true = pl.when(pl.col("unsubscribed")).then(pl.lit(True))
        records = records.with_columns(only_true.alias("unsubscribed"))
    if not repeated.any():
        return records
    firsts = records.filter(~repeated)
    if on_conflict is OnConflict.SKIP:
        return firsts
    is_one_of_several = repeated | repeated.shift(-1, fill_value=False)
    collapsed = _collapse(records.filter(is_one_of_several), fields)
    positions = is_one_of_several.filter(~repeated).arg_true()
    return firsts.with_columns(
        firsts[name].scatter(positions, collapsed[name]) for name in [*fields, "conflicting"]
    )


def _collapse(records: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return a row for each address, all of which have several records."""
    differ = [pl.col(name).min().ne_missing(pl.col(name).max()) for name in fields]
    return records.group_by("email", maintain_order=True).agg(
        *(pl.col(name).drop_nulls().last() for name in fields),
        conflicting=pl.any_horizontal(pl.lit(False), *differ),
    )
