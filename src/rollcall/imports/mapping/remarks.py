"""What deserves a look at addresses that are valid."""

from __future__ import annotations

import polars as pl

from rollcall.imports.issues import RowWarning, WarningCode, shorten
from rollcall.imports.mail_providers import intended_domain


def misspelled_domains(emails: pl.DataFrame, column: str) -> list[RowWarning]:
    """Return the warnings of addresses whose domain is nearly a big provider's.

    Args:
        emails: the columns `row` and `email`, the latter all valid.
        column: the name of the column that they are from.
    """
    cell = pl.col("email")
    domain = cell.str.tail(cell.str.len_chars() - cell.str.find("@", literal=True) - 1)
    domains = emails.select(domain.unique()).to_series().to_list()
    misspelled = [name for name in domains if intended_domain(name.lower())]
    if not misspelled:
        return []
    found = emails.filter(domain.is_in(misspelled))
    return [
        RowWarning(row=row, code=WarningCode.MISSPELLED_DOMAIN, column=column, value=cell)
        for row, cell in found.select("row", "email").iter_rows()
    ]


def cleaned_emails(cells: pl.DataFrame, column: str) -> list[RowWarning]:
    """Return the warnings of cells that were read as the address in them.

    Args:
        cells: the columns `row` and `email`, the latter as it stands in the file.
        column: the name of the column that they are from.
    """
    code = WarningCode.CLEANED_EMAIL
    return [
        RowWarning(row=row, code=code, column=column, value=shorten(cell))
        for row, cell in cells.iter_rows()
    ]
