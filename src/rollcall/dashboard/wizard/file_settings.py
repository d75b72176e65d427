"""How a file is read, as its form shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rollcall.errors import ValidationFailed
from rollcall.imports.drafts.choices import FileChoices
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import DraftTable
from rollcall.imports.encoding_labels import encoding_names, name_of
from rollcall.imports.file_options import read_delimiter, read_encoding, read_row, read_sheet
from rollcall.wrong_values import make_visible, shorten

# What is left of a row that is shown to find the header.
SHOWN_ROWS, SHOWN_CELLS, SHOWN_CHARACTERS = 12, 8, 40
DELIMITERS = (",", ";", "\t", "|", ":", "^", "~")
READERS = {
    "encoding": read_encoding,
    "delimiter": read_delimiter,
    "header_row": read_row,
    "sheet": read_sheet,
}


@dataclass(frozen=True, kw_only=True)
class FileSettings:
    """What was found out and said of a file, and what can be said.

    `found` is how it is read; `said` has what a person has said, and None else. `rows` are the
    first ones with their numbers, shortened.
    """

    is_workbook: bool
    found: Mapping[str, Any]
    said: FileChoices
    sheets: Sequence[str]
    encodings: Sequence[str]
    delimiters: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


def file_settings(draft: ContactImportDraft, table: DraftTable) -> FileSettings:
    """Return the settings of a draft's file."""
    dialect, said = table.dialect, table.choices.file
    more = [said.delimiter] if said.delimiter and said.delimiter not in DELIMITERS else []
    return FileSettings(
        is_workbook=draft.sheet is not None,
        found={
            "encoding": name_of(dialect.encoding),
            "delimiter": dialect.delimiter,
            "header_row": dialect.header_row if table.has_header else None,
            "sheet": draft.sheet,
        },
        said=said,
        sheets=[sheet["name"] for sheet in draft.sheets],
        encodings=encoding_names(),
        delimiters=[*DELIMITERS, *more],
        rows=_rows(table),
    )


def _rows(table: DraftTable) -> list[tuple[int, list[str]]]:
    shown = []
    for number, cells in enumerate(table.rows[:SHOWN_ROWS], start=1):
        cut = [shorten(make_visible(cell.strip()), SHOWN_CHARACTERS) for cell in cells]
        shown.append((number, cut[:SHOWN_CELLS]))
    return shown


def read_settings(typed: Mapping[str, str]) -> FileChoices:
    """Return what a form says of a file; what it leaves empty is found out.

    Raises:
        ValidationFailed: naming what cannot be.
    """
    said: dict[str, Any] = {}
    for name, read in READERS.items():
        text = typed.get(name, "")
        # A tab is a blank, and a delimiter.
        if not text.strip(" \r\n"):
            continue
        try:
            said[name] = read(text)
        except ValueError as error:
            reason = str(error)
            raise ValidationFailed(f"{reason[0].upper()}{reason[1:]}.") from None
    return FileChoices(**said)
