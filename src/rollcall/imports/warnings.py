"""What a person wants to know of a record although it does not fail. Pure, knows no database."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from rollcall.imports.dialect import Dialect
from rollcall.imports.domains import intended_domain

UNICODE = {"utf-8", "utf-8-sig", "utf-16"}
# Legacy encodings by the names that people have seen somewhere.
ENCODING_NAMES = {
    "shift_jis": "Shift JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "euc_kr": "EUC-KR",
}


class RowWarning(NamedTuple):
    """A remark on a record. `code` is one of `reasons.WARNINGS`; a record has each code once."""

    row: int
    code: str
    column: str | None = None
    value: str | None = None


def legacy_encoding(dialect: Dialect) -> list[RowWarning]:
    """Return the warning of a file that is not in Unicode; it stands at the header."""
    if dialect.encoding in UNICODE:
        return []
    code_page = dialect.encoding.replace("cp", "Windows-")
    name = ENCODING_NAMES.get(dialect.encoding, code_page)
    return [RowWarning(row=dialect.header_row, code="legacy_encoding", value=name)]


def repeated_emails(emails: pl.DataFrame, column: str) -> list[RowWarning]:
    """Return the warnings of records whose address an earlier record of the file has.

    Args:
        emails: the columns `row` and `email`.
        column: the name of the column that they are from.
    """
    return [
        RowWarning(row=row, code="repeated_email", column=column, value=email)
        for row, email in emails.select("row", "email").iter_rows()
    ]


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
        RowWarning(row=row, code="misspelled_domain", column=column, value=cell)
        for row, cell in found.select("row", "email").iter_rows()
    ]
