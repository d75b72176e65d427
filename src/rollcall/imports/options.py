"""What an import was asked to do: the one definition of its options.

An option is a field of `ImportOptions`, and by the same name a field of the upload's form and a
column of the import's row. The form is read and described by what stands here, and
`rollcall import` has its options from it.
"""

from __future__ import annotations

import dataclasses
import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

from pydantic import TypeAdapter

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.file_options import (
    MAX_ROW,
    read_delimiter,
    read_encoding,
    read_row,
    read_sheet,
)
from rollcall.imports.kinds import AutomaticMap, OnConflict
from rollcall.imports.note import MAX_NOTE_CHARACTERS, read_note
from rollcall.topics.subscriptions import Subscription


@dataclass(frozen=True, kw_only=True)
class FormField:
    """How an option is asked for.

    `description` is the API's; `example`, where the form field takes JSON or text, is what can be
    sent. `read` makes the value of a text, or raises ValueError saying what that has to be; without
    it, what is no word takes JSON. `schema` is what the API says besides of a text. What is said
    `of_file` tells how to read it, and nothing of what is to become of its rows. `help` is what
    `rollcall import` says instead of the description. `flag` is its option where that is not called
    as the field, and `metavar` the value of a text or of one that can be given several times; a
    form field that takes JSON and has none is made of other options there.
    """

    description: str
    example: str | None = None
    read: Callable[[str], Any] | None = None
    schema: dict[str, Any] = dataclasses.field(default_factory=dict)
    help: str | None = None
    flag: str | None = None
    metavar: str | None = None
    of_file: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What an import was asked to do, the same for all of its batches.

    Until the header is read, `column_map` is None where the upload has none, and then the fields'
    own names are matched; or it says that the map is to be found out.
    """

    column_map: Annotated[
        ColumnMap | AutomaticMap | None,
        FormField(
            description="`auto`, to have the columns matched by names and cells; or JSON: contact"
            " fields and properties by column name. `full_name`, instead"
            " of `first_name` and `last_name`, is split into both. `unsubscribed` is a column's"
            ' name, or `{"column":"Status","true_when":["opted out"]}`: true for these words in any'
            ' case, false for all others; with `"true_when":"not_empty"` true for everything. A'
            " property has a `column`, a `type` (`string`, `number` or `boolean`; `string` if not"
            ' said) and, if it is a number, `"decimal":","` where fractions stand behind a comma.',
            example='{"email":"Email","full_name":"Name","properties":{"plan":{"column":"Plan"},'
            '"price":{"column":"Price","type":"number","decimal":","}}}',
        ),
    ] = None
    on_conflict: Annotated[
        OnConflict, FormField(description="What to do with a contact that is stored already.")
    ] = OnConflict.UPSERT
    segments: Annotated[
        tuple[uuid.UUID, ...],
        FormField(
            description='JSON: `[{"id":"…"}]`; contacts are added to all.',
            example='[{"id":"01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11"}]',
            help="A segment that the contacts join.",
            flag="--segment",
            metavar="ID",
        ),
    ] = ()
    topics: Annotated[
        dict[uuid.UUID, Subscription],
        FormField(
            description='JSON: `[{"id":"…","subscription":"opt_in"}]`.',
            example='[{"id":"01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11","subscription":"opt_in"}]',
            help="A topic subscription of the contacts.",
            flag="--topic",
            metavar="ID=opt_in|opt_out",
        ),
    ] = dataclasses.field(default_factory=dict)
    resubscribe: Annotated[
        bool,
        FormField(
            description="With `false`, who has unsubscribed stays so. With a `column_map` that is"
            " `auto` it is `false` unless you send `true`.",
            help="Whether the file may subscribe contacts again that have unsubscribed.",
        ),
    ] = True
    dry_run: Annotated[
        bool,
        FormField(
            description="With `true`, only tell what would happen.",
            help="Only tell what would happen; change nothing.",
        ),
    ] = False
    note: Annotated[
        str | None,
        FormField(
            description="What the import is, in words of your own: it is shown with the import.",
            example="The people of the fair in May",
            read=read_note,
            schema={"maxLength": MAX_NOTE_CHARACTERS},
            help="What the import is, in words of your own.",
            metavar="TEXT",
        ),
    ] = None

    encoding: Annotated[
        str | None,
        FormField(
            description="The encoding of the file, where it is not what detection finds: a label"
            " of the WHATWG encoding standard. A byte order mark is believed before it.",
            example="windows-1250",
            read=read_encoding,
            of_file=True,
            help="The encoding of the file, if detection does not find it.",
            metavar="NAME",
        ),
    ] = None
    delimiter: Annotated[
        str | None,
        FormField(
            description="What separates the cells of the file, where the header does not tell:"
            " one character, or `comma`, `semicolon`, `tab` or `pipe`.",
            example="semicolon",
            read=read_delimiter,
            of_file=True,
            help="What separates the cells: a character, or comma, semicolon, tab or pipe.",
            metavar="CHARACTER",
        ),
    ] = None
    header_row: Annotated[
        int | None,
        FormField(
            description="The row of the header as a spreadsheet counts, where it is not the first"
            " that has the columns looked for.",
            example="4",
            read=read_row,
            of_file=True,
            schema={"type": "integer", "minimum": 1, "maximum": MAX_ROW, "example": 4},
            help="The row of the header, if it is not found.",
            metavar="ROW",
        ),
    ] = None
    sheet: Annotated[
        str | None,
        FormField(
            description="The sheet of a workbook that is read: its name, or its number from 1 on."
            " Unless given, the first visible one that has the columns looked for.",
            example="Contacts",
            read=read_sheet,
            of_file=True,
            help="The sheet of a workbook: its name, or its number.",
            metavar="NAME",
        ),
    ] = None

    @classmethod
    def from_row(cls, row: Any) -> ImportOptions:
        """Return the options of an import's row, in which every one is the value of a column."""
        return _ADAPTER.validate_python({name: getattr(row, name) for name in OPTIONS})

    def as_row(self) -> dict[str, Any]:
        """Return the values of the row's columns, by name, as values of JSON."""
        values: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return values

    def as_json(self) -> dict[str, Any]:
        """Return the options in one form, however they were written."""
        # What a file is said to be came later; requests from before are still known without it.
        said = {name for name, option in OPTIONS.items() if option.field.read is not None}
        row = {k: value for k, value in self.as_row().items() if not (k in said and value is None)}
        return {**row, "segments": sorted(map(str, self.segments))}

    def mapped(self) -> ColumnMap:
        """Return the column map, which every import has once its header is read."""
        assert isinstance(self.column_map, ColumnMap)
        return self.column_map

    def topic_choices(self) -> dict[str, str]:
        """Return the topics as contacts hold them."""
        return {str(topic): choice for topic, choice in self.topics.items()}


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option as it is defined: its name, the type of its value, and the value of none given."""

    name: str
    kind: Any
    default: Any
    field: FormField

    @property
    def words(self) -> dict[str, Any]:
        """The values by how its form field has them; empty where that takes JSON."""
        if self.kind is bool:
            return {"true": True, "false": False}
        if isinstance(self.kind, type) and issubclass(self.kind, enum.StrEnum):
            return {member.value: member for member in self.kind}
        return {}


def _read_definitions() -> dict[str, Option]:
    nothing_asked = ImportOptions()
    annotations = get_type_hints(ImportOptions, include_extras=True)
    options = {}
    for name, annotation in annotations.items():
        (field,) = annotation.__metadata__
        default = getattr(nothing_asked, name)
        options[name] = Option(name=name, kind=annotation.__origin__, default=default, field=field)
    return options


OPTIONS = _read_definitions()
_ADAPTER = TypeAdapter(ImportOptions)
