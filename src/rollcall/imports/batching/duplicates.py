"""Records whose address another record of the file has."""

from __future__ import annotations

import polars as pl

from rollcall.imports.issues import RowWarning, WarningCode


def repeated_emails(emails: pl.DataFrame, column: str) -> list[RowWarning]:
    """Return the warnings of records whose address an earlier record of the file has.

    Args:
        emails: the columns `row` and `email`.
        column: the name of the column that they are from.
    """
    return [
        RowWarning(row=row, code=WarningCode.REPEATED_EMAIL, column=column, value=email)
        for row, email in emails.select("row", "email").iter_rows()
    ]


def is_repeated(emails: pl.Series) -> pl.Series:
    """Tell which addresses, in their order, are those before them once more."""
    email = pl.lit(emails)
    return pl.select((email == email.shift(1)).fill_null(False)).to_series()
