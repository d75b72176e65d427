"""The wire shape of how a file is read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from rollcall.imports.encoding_labels import name_of
from rollcall.imports.reading.dialect import Dialect


class FileDialect(BaseModel):
    """How a file is read; each but `format` is what the form field of that name takes.

    `header_row` counts as a spreadsheet does, and is null when there is no header. `delimiter` and
    `encoding` are null of a workbook, `sheet` is of every other file.
    """

    format: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    header_row: int | None
    sheet: str | None


def show_dialect(dialect: Dialect) -> FileDialect:
    """Return how a file is read, as it goes over the wire."""
    is_sheet = dialect.sheet is not None
    return FileDialect(
        format="xlsx" if is_sheet else "csv",
        encoding=None if is_sheet else name_of(dialect.encoding),
        delimiter=None if is_sheet else dialect.delimiter,
        header_row=dialect.header_row,
        sheet=dialect.sheet,
    )
