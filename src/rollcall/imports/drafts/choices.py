"""What a person has said of a draft, as it is kept. Pure."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rollcall.imports.column_map import ColumnMap, Decimal
from rollcall.imports.column_names import column_names
from rollcall.imports.kinds import OnConflict
from rollcall.imports.matching.suggestions import Target
from rollcall.imports.options import ImportOptions
from rollcall.properties.values import PropertyType
from rollcall.text import check_text
from rollcall.topics.subscriptions import Subscription

MAX_KEY = 200

Key = Annotated[str, Field(max_length=MAX_KEY), AfterValidator(check_text)]


class Step(enum.StrEnum):
    """How far somebody has come with a draft."""

    COLUMNS = "columns"
    OPTIONS = "options"
    CHECK = "check"


class FileChoices(BaseModel):
    """How the file is to be read, as in `file_options`; None is for what is found out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None


class Destination(BaseModel):
    """What becomes of the cells of a column; the same as in a column map.

    `key`, `type` and `decimal` are those of a property. Of `true_when`, no words at all are those
    that are still to be said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target
    key: Key | None = None
    type: PropertyType = PropertyType.STRING
    decimal: Decimal = "."
    true_when: tuple[str, ...] | str | None = None


class ColumnChoice(BaseModel):
    """What a person has said of one column; without a destination it is not imported.

    The column is found again by its `name` as a column map has it, and where the file is read in
    another way that changes the names, by its `index`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    index: int
    destination: Destination | None


class Choices(BaseModel):
    """All that was said of a draft. Who has left stays so unless somebody says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileChoices = FileChoices()
    columns: tuple[ColumnChoice, ...] = ()
    on_conflict: OnConflict = OnConflict.UPSERT
    segments: tuple[uuid.UUID, ...] = ()
    topics: dict[uuid.UUID, Subscription] = Field(default_factory=dict)
    resubscribe: bool = False
    note: str | None = None
    step: Step = Step.COLUMNS

    def saying(self, choice: ColumnChoice) -> Choices:
        """Return these with what is said of a column in the place of what was said before."""
        others = [each for each in self.columns if each.name != choice.name]
        return self.model_copy(update={"columns": (*others, choice)})

    def silent_about(self, name: str) -> Choices:
        """Return these as if nothing had been said of a column."""
        kept = tuple(each for each in self.columns if each.name != name)
        return self.model_copy(update={"columns": kept})

    def options(self, column_map: ColumnMap, *, dry_run: bool) -> ImportOptions:
        """Return what an import is asked to do."""
        return ImportOptions(
            column_map=column_map,
            on_conflict=self.on_conflict,
            segments=self.segments,
            topics=self.topics,
            resubscribe=self.resubscribe,
            dry_run=dry_run,
            note=self.note,
            **self.file.model_dump(),
        )


def choices_of(options: ImportOptions, header: Sequence[str]) -> Choices:
    """Return choices under which a file is imported as another one was.

    Args:
        options: of the other one, with its column map.
        header: the stripped names of the file's columns, as in `Dialect.header`.
    """
    destinations = dict(_destinations(options.mapped()))
    columns = tuple(
        ColumnChoice(name=name, index=index, destination=destinations.get(name))
        for index, name in enumerate(column_names(header))
        if name is not None
    )
    return Choices(
        file=FileChoices(
            encoding=options.encoding,
            delimiter=options.delimiter,
            header_row=options.header_row,
            sheet=options.sheet,
        ),
        columns=columns,
        on_conflict=options.on_conflict,
        segments=options.segments,
        topics=options.topics,
        resubscribe=options.resubscribe,
        note=options.note,
    )


def _destinations(column_map: ColumnMap) -> list[tuple[str, Destination]]:
    """Return what each mapped column is; what a column is besides is said first, and holds."""
    found = []
    for key, mapped in column_map.properties.items():
        property_ = Destination(
            target=Target.PROPERTY, key=key, type=mapped.type, decimal=mapped.decimal
        )
        found.append((mapped.column, property_))
    for field, column in column_map.fields():
        words: Any = None
        if field == Target.UNSUBSCRIBED and column_map.unsubscribed is not None:
            words = column_map.unsubscribed.true_when
        found.append((column, Destination(target=Target(field), true_when=words)))
    return found
