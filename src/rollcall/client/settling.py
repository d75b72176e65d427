"""Which column means what: suggested by the server, shown, and taken when nobody objects."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Any

import typer

from rollcall.client.answers import Preview
from rollcall.client.command import ImportCommand
from rollcall.client.command_line import command_line
from rollcall.client.errors import ClientError
from rollcall.client.given_map import GivenMap, column_of
from rollcall.client.preview_page import show_preview

# Form fields that say of a file what a preview is asked under.
SAID = ("encoding", "delimiter", "header_row", "sheet")
# What every server reads of a file that comes without a column map.
OWN_NAMES = ("email", "first_name", "last_name", "unsubscribed")
QUESTION = "Import like this?"


def settle_columns(order: ImportCommand, given: GivenMap, preview: Preview) -> dict[str, str]:
    """Show what becomes of a file's columns and have it confirmed.

    Returns:
        The form fields with which an upload is read as it was shown.

    Raises:
        ClientError: no column has the addresses, or it was declined, or nobody can be asked.
    """
    suggested = preview.column_map or {}
    if "email" not in suggested:
        # A column of that name is read whatever is in it, and the failed rows tell the rest.
        suggested = _read_anyway(preview)
    if "email" not in suggested:
        show_preview(preview, {}, given)
        raise ClientError(_say_which(order))
    column_map = given.column_map(suggested)
    show_preview(preview, column_map, given)
    # What the server reads of itself is nothing that a script would have to agree to.
    is_unasked = order.yes or order.is_dry_run or bool(given.properties)
    if not is_unasked and not _is_terminal():
        if column_map == _read_anyway(preview):
            return {}
        raise ClientError(
            "Nothing is imported, because nobody can be asked here. Add --yes to import it like"
            f" this, or say what is what: {command_line(order, column_map)}"
        )
    if not is_unasked and not _confirm():
        raise ClientError(
            f"Nothing is imported. To import it otherwise, edit: {command_line(order, column_map)}"
        )
    return {**_pinned(order, preview, column_map), "column_map": json.dumps(column_map)}


def _say_which(order: ImportCommand) -> str:
    line = command_line(order, {"email": "COLUMN"})
    return f"Nothing is imported. Say which column has the addresses: {line}"


def _read_anyway(preview: Preview) -> dict[str, str]:
    """Return the map that a server makes of itself: the fields' own names, where present."""
    names = {column.name for column in preview.columns}
    return {name: name for name in OWN_NAMES if name in names}


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _confirm() -> bool:
    # A part of the question would else go to the standard output, which may be a file.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return typer.confirm(QUESTION, default=True, prompt_suffix=" ", err=True)
        except typer.Abort:
            raise KeyboardInterrupt from None


def _pinned(
    order: ImportCommand, preview: Preview, column_map: Mapping[str, Any]
) -> dict[str, str]:
    """Return where the shown table is in the file, for there may be another with such columns.

    The encoding is not said: the whole file tells it better than its beginning did.
    """
    shown = {column.name for column in preview.columns}
    properties = column_map.get("properties", {}).values()
    if not shown.issuperset(column_of(each).strip() for each in properties):
        # What is missing there is looked for elsewhere.
        return {}
    found = {
        "delimiter": preview.dialect.delimiter,
        "header_row": preview.dialect.header_row,
        "sheet": preview.dialect.sheet,
    }
    others = order.options.others
    return {name: str(value) for name, value in found.items() if value and not others.get(name)}
