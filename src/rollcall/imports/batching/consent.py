"""Rows that say "subscribed" of a contact that has unsubscribed. Pure, and knows no database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from rollcall.imports.batching.duplicates import is_repeated
from rollcall.imports.issues import RowWarning, WarningCode


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The rows of a batch that say "subscribed", as far as that may deserve a warning.

    `contradicting` follow a row of the same batch that has unsubscribed their contact.
    `unsettled` deserve the warning when the contact is stored as unsubscribed before the batch.
    Both have the columns `row` and `email`.
    """

    resubscribe: bool
    column: str
    contradicting: pl.DataFrame
    unsettled: pl.DataFrame

    def warn(self, unsubscribed: Collection[str]) -> list[RowWarning]:
        """Return the warnings of a batch.

        Args:
            unsubscribed: addresses of stored contacts that had unsubscribed before the batch;
                others than those of `unsettled` rows do not matter.
        """
        code = WarningCode.RESUBSCRIBED if self.resubscribe else WarningCode.KEPT_UNSUBSCRIBED
        rows = self.contradicting
        if unsubscribed:
            stored = pl.Series(list(unsubscribed), dtype=pl.String)
            rows = rows.vstack(self.unsettled.filter(pl.col("email").is_in(stored.implode())))
        return [
            RowWarning(row=row, code=code, column=self.column, value=email)
            for row, email in rows.iter_rows()
        ]


def find_consent(contacts: pl.DataFrame, column: str, *, resubscribe: bool) -> Consent:
    """Return the rows that say "subscribed", split by whether their own batch settles them.

    Args:
        contacts: accepted records in the order of `email`, `row`; has `unsubscribed`, too.
        column: the name of the column that the addresses are from.
        resubscribe: whether "subscribed" takes effect on a contact that has unsubscribed.
    """
    given = contacts.select("row", "email", "unsubscribed").drop_nulls("unsubscribed")
    subscribed = ~pl.col("unsubscribed")
    repeated = is_repeated(given["email"])
    if not repeated.any():
        once, several = given, given.clear()
    else:
        is_one_of_several = repeated | repeated.shift(-1, fill_value=False)
        once, several = given.filter(~is_one_of_several), given.filter(is_one_of_several)
    # What the rows of the address before this one have made of the contact; null: nothing.
    earlier = pl.col("unsubscribed").shift(1)
    if not resubscribe:
        earlier = earlier.cast(pl.Int8).cum_max().cast(pl.Boolean)
    several = several.with_columns(earlier.over("email").alias("earlier")).filter(subscribed)
    contradicts = pl.col("earlier").eq_missing(pl.lit(True))
    # Where consent is kept, an earlier row that says "subscribed" has settled nothing.
    settled = pl.col("earlier").is_not_null() if resubscribe else contradicts
    once = once.filter(subscribed).select("row", "email")
    return Consent(
        resubscribe=resubscribe,
        column=column,
        contradicting=several.filter(contradicts).select("row", "email"),
        unsettled=once.vstack(several.filter(~settled).select("row", "email")),
    )
