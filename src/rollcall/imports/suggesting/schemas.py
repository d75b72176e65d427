"""Wire shapes of the preview of an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from rollcall.imports.file_dialect import FileDialect, show_dialect
from rollcall.imports.matching.suggestions import (
    Confidence,
    SuggestedColumn,
    Suggestion,
    Suggestions,
    Target,
)
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.remarks import legacy_encoding
from rollcall.imports.sentences import explain_warning
from rollcall.imports.suggesting.suggested import Suggested
from rollcall.properties.values import PropertyType

NO_HEADER = (
    "There is no header: no row above the addresses has the names of the columns. Add one, and"
    " upload the file again."
)
NO_EMAIL_COLUMN = (
    "No column is known by its name or its cells to have the e-mail addresses: say which it is."
)


class ColumnSuggestion(BaseModel):
    """What a column may be.

    `key`, `type` and `decimal` are those of a property. `inverted` says that the column states
    that the person is subscribed; `true_when` are the words for which a contact is unsubscribed, or
    `not_empty`. What is `unsure` is not in the column map. `reason` is a sentence.
    """

    target: Target
    key: str | None
    type: PropertyType | None
    decimal: str | None
    inverted: bool
    true_when: list[str] | Literal["not_empty"] | None
    confidence: Confidence
    reason: str


class PreviewColumn(BaseModel):
    """A column of the header, `index` from 0, with a few different cells of it.

    `name` is what a column map calls it: of several that share a name, `Name (2)` is the second.
    It is empty for a column that cannot be mapped.
    """

    index: int
    name: str
    samples: list[str]
    suggestion: ColumnSuggestion | None


class PreviewWarning(BaseModel):
    """A remark on the file as a whole."""

    code: str
    message: str


class ImportPreview(BaseModel):
    """What an import of a file would read; nothing is stored.

    `column_map` can be sent with the upload as it stands, and is null when no column is known to
    have addresses.
    """

    object: Literal["contact_import_preview"] = "contact_import_preview"
    dialect: FileDialect
    columns: list[PreviewColumn]
    column_map: dict[str, Any] | None
    warnings: list[PreviewWarning] = Field(default_factory=list)


def show_preview(suggested: Suggested, dialect: Dialect) -> ImportPreview:
    """Return what is suggested for a file that is read so."""
    found = suggested.suggestions
    shown = show_dialect(dialect)
    if found.header_row is None:
        shown = shown.model_copy(update={"header_row": None})
    return ImportPreview(
        dialect=shown,
        columns=[_show_column(column) for column in found.columns],
        column_map=found.column_map() if found.has_email else None,
        warnings=list(_remarks(found, dialect)),
    )


def _remarks(found: Suggestions, dialect: Dialect) -> Iterator[PreviewWarning]:
    for warning in legacy_encoding(dialect):
        message = explain_warning(warning.code, warning.value)
        yield PreviewWarning(code=warning.code, message=message)
    if found.header_row is None:
        yield PreviewWarning(code="no_header", message=NO_HEADER)
    elif not found.has_email:
        yield PreviewWarning(code="no_email_column", message=NO_EMAIL_COLUMN)


def _show_column(column: SuggestedColumn) -> PreviewColumn:
    said = column.suggestion
    return PreviewColumn(
        index=column.index,
        name=column.name,
        samples=list(column.samples),
        suggestion=None if said is None else _show_suggestion(said),
    )


def _show_suggestion(said: Suggestion) -> ColumnSuggestion:
    words: Any = list(said.true_when) if isinstance(said.true_when, tuple) else said.true_when
    return ColumnSuggestion(
        target=said.target,
        key=said.key,
        type=said.type,
        decimal=said.decimal,
        inverted=said.inverted,
        true_when=words,
        confidence=said.confidence,
        reason=said.reason,
    )
