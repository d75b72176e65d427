"""What a form says of a column → a choice. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import COMMA, MAX_WORD_CHARACTERS, MAX_WORDS, NOT_EMPTY, POINT
from rollcall.imports.drafts import destinations
from rollcall.imports.drafts.choices import MAX_KEY, ColumnChoice, Destination
from rollcall.imports.drafts.columns import DraftColumn
from rollcall.imports.drafts.reading import DraftTable
from rollcall.imports.matching.consent_words import GONE, NO, POSITIVE, opposite_words
from rollcall.imports.matching.suggestions import Target
from rollcall.properties.values import PropertyType
from rollcall.text import check_text, strip_cell

ACCEPT, UNDO, SKIP, NEW = "accept", "undo", "skip", "new"
PROPERTY = "property:"
USUAL, INVERTED, WORDS = "usual", "inverted", "words"
_BETWEEN_WORDS = re.compile(r"[,;\n]")


class NoSuchColumn(ValidationFailed):
    """The file has no such column any more: it is read in another way now. Load the page again."""


@dataclass(frozen=True)
class ColumnForm:
    """The form of one column: what it says in single fields, and the words that are checked."""

    fields: Mapping[str, str]
    words: Sequence[str] = ()


def find_column(table: DraftTable, index: int, name: str) -> DraftColumn:
    """Return the column that a form is about.

    Raises:
        NoSuchColumn: another one is at this place.
    """
    for column in table.columns.columns:
        if column.index == index and column.name == name and name:
            return column
    raise NoSuchColumn


def choice_of(table: DraftTable, column: DraftColumn, form: ColumnForm) -> ColumnChoice | None:
    """Return what a form says of a column; None for nothing, as in the beginning.

    Raises:
        ValidationFailed: it says something that cannot be.
    """
    changed = form.fields.get("changed", "to")
    to = form.fields.get("to", "")
    if changed == "to" and to == UNDO:
        return None
    if changed == "to":
        destination = _chosen(table, column, to)
    else:
        try:
            destination = _detailed(column, changed, form)
        except ValueError as error:
            raise ValidationFailed(f"This cannot be kept: {error}.") from None
    return ColumnChoice(name=column.name, index=column.index, destination=destination)


def _chosen(table: DraftTable, column: DraftColumn, to: str) -> Destination | None:
    """Return what a column becomes that was only said to become this."""
    if to == SKIP:
        return None
    if to == ACCEPT and column.suggestion is not None:
        return destinations.suggested(column.suggestion)
    if to == NEW:
        used = {each.destination.key for each in table.columns.columns if each.destination}
        return destinations.new_property(column.column, {*filter(None, used), *table.properties})
    if to.startswith(PROPERTY) and (key := to.removeprefix(PROPERTY)) in table.properties:
        return destinations.existing_property(key, table.properties[key], column.column)
    if to in set(Target) - {Target.PROPERTY}:
        return destinations.field(Target(to), column.column)
    raise ValidationFailed(
        "There is no such thing that a column could become. Load the page again."
    )


def _detailed(column: DraftColumn, changed: str, form: ColumnForm) -> Destination:
    """Return what a column becomes, with one thing about it changed."""
    before = column.destination
    if before is None:
        raise NoSuchColumn
    if before.target is Target.UNSUBSCRIBED:
        return before.model_copy(update={"true_when": _words(column, changed, form)})
    if changed == "key":
        key = check_text(form.fields.get("key", "").strip()[:MAX_KEY])
        return before.model_copy(update={"key": key})
    if changed == "type":
        type_ = PropertyType(form.fields.get("type", PropertyType.STRING))
        comma = type_ is PropertyType.NUMBER and column.column.cells.decimal == COMMA
        update: dict[str, Any] = {"type": type_, "decimal": COMMA if comma else POINT}
        return before.model_copy(update=update)
    comma = form.fields.get("comma") == "true" and before.type is PropertyType.NUMBER
    return before.model_copy(update={"decimal": COMMA if comma else POINT})


def _words(column: DraftColumn, changed: str, form: ColumnForm) -> Any:
    mode = form.fields.get("mode", USUAL)
    if mode == NOT_EMPTY:
        return NOT_EMPTY
    if mode == USUAL:
        return None
    if changed == "mode":
        kinds = (*NO, *GONE) if mode == INVERTED else GONE
        return tuple(opposite_words(column.column.cells, kinds, POSITIVE))
    more = map(strip_cell, _BETWEEN_WORDS.split(form.fields.get("more", "")))
    words = tuple(dict.fromkeys(map(check_text, filter(None, [*form.words, *more]))))
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_CHARACTERS for word in words):
        raise ValidationFailed(
            f"There can be {MAX_WORDS} words of at most {MAX_WORD_CHARACTERS} characters."
        )
    return words
