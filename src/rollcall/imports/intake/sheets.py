"""Which sheet of a workbook is read."""

from __future__ import annotations

from collections.abc import Sequence

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import DEFAULT_FIELDS
from rollcall.imports.formats.heads import SheetHead
from rollcall.imports.kinds import AutomaticMap
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.options import ImportOptions
from rollcall.imports.reading.header_search import (
    FoundHeader,
    likeness,
    search_header,
    take_header,
)
from rollcall.wrong_values import quote

# What the cells of a sheet are separated by when they have become CSV.
SHEET_DELIMITER = ","
# How many names of sheets or columns a message lists.
SHOWN_NAMES = 20


def choose_sheet(sheets: Sequence[SheetHead], options: ImportOptions) -> SheetHead:
    """Return the sheet that is read.

    It is the one that is asked for; else the first visible one that has a header with the names
    that are looked for. Where one alone has anything in it, that is it, whatever its header is;
    hidden ones are looked at where no other is.

    Raises:
        ValidationFailed: there is none of the name; or none of several has such a header, saying
            which row of which comes closest.
    """
    visible = [sheet for sheet in sheets if sheet.number is not None] or sheets
    if options.sheet is not None:
        return _called(options.sheet, sheets, visible)
    filled = [sheet for sheet in visible if sheet.records or sheet.problem]
    if len(filled) < 2:
        return (filled or visible)[0]
    if options.column_map is AutomaticMap.AUTO:
        return next(filter(_has_addresses, filled), filled[0])
    searched = [(sheet, _search(sheet, options)) for sheet in filled]
    found = [(sheet, header) for sheet, header in searched if header is not None]
    for sheet, header in found:
        if header.is_complete:
            return sheet
    _refuse_damaged(filled)
    if not found:
        return filled[0]
    raise _not_found(found, wanted_names(options))


def wanted_names(options: ImportOptions) -> Sequence[str]:
    """Return the names without which a record is no header."""
    if options.column_map is None:
        return DEFAULT_FIELDS[:1]
    return list(options.mapped().columns())


def _called(asked: str, sheets: Sequence[SheetHead], visible: Sequence[SheetHead]) -> SheetHead:
    """Return the sheet of this name, in any case as in a spreadsheet, or else of this number."""
    for sheet in sheets:
        if asked == sheet.name.strip():
            return sheet
    for sheet in sheets:
        if asked.casefold() == sheet.name.strip().casefold():
            return sheet
    for sheet in visible:
        if asked == str(sheet.number):
            return sheet
    raise ValidationFailed(
        f"Invalid `sheet`: the workbook has no sheet with cells that is called {quote(asked)} or is"
        f" visible and has this number. Found: {_list([sheet.name for sheet in sheets])}"
    )


def _has_addresses(sheet: SheetHead) -> bool:
    """Tell whether a sheet has a column that is taken for the one of the addresses."""
    return suggest([cells for _, cells in sheet.records]).has_email


def _search(sheet: SheetHead, options: ImportOptions) -> FoundHeader | None:
    wanted = wanted_names(options)
    if options.header_row is None:
        return search_header([cells for _, cells in sheet.records], wanted)
    for position, (row, _) in enumerate(sheet.records, start=1):
        if row == options.header_row:
            return take_header([cells for _, cells in sheet.records], wanted, position)
    return None


def _refuse_damaged(sheets: Sequence[SheetHead]) -> None:
    """The header may stand where a sheet cannot be read."""
    for sheet in sheets:
        if sheet.problem is not None:
            raise ValidationFailed(f"The `file` {sheet.problem}")


def _not_found(
    found: Sequence[tuple[SheetHead, FoundHeader]], wanted: Sequence[str]
) -> ValidationFailed:
    sheet, header = max(found, key=lambda each: (likeness(each[1], wanted), len(each[1].names)))
    row = sheet.records[header.position][0]
    missing = " and ".join(map(quote, header.missing[:SHOWN_NAMES]))
    return ValidationFailed(
        f"CSV missing required {missing} column: no sheet of the workbook has a header with it."
        f" Closest comes row {row} of the sheet {quote(sheet.name)}."
        f" Found: {_list([name for name in header.names if name])}"
    )


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(map(quote, names[:SHOWN_NAMES])) + more
