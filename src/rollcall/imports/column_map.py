"""Which column of a file means what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_serializer,
    field_validator,
    model_validator,
)

from rollcall.imports.column_names import strip_name
from rollcall.properties.values import PropertyType, is_key
from rollcall.text import check_text, strip_cell
from rollcall.wrong_values import make_visible, name, quote, shorten

BOM = "\ufeff"
MAX_PROPERTIES = 200
MAX_TARGETS_OF_COLUMN = 8
# Those that are found by their own names; all are in the order in which problems are reported.
DEFAULT_FIELDS = ("email", "first_name", "last_name", "unsubscribed")
FIELDS = ("email", "first_name", "last_name", "full_name", "unsubscribed")
MAX_WORDS, MAX_WORD_CHARACTERS = 100, 200
NOT_EMPTY = "not_empty"
POINT, COMMA = ".", ","


def _column_name(value: str) -> str:
    name = strip_name(value)
    if not name:
        raise ValueError("it must not be empty; leave the field out when no column has it")
    return name


def _decimal(value: object) -> object:
    if value is None:
        return POINT
    if value not in (POINT, COMMA):
        raise ValueError(f'it must be "{POINT}" or "{COMMA}", not {name(value)}')
    return value


def _words(value: object) -> object:
    if value is None or value == NOT_EMPTY:
        return value
    if not isinstance(value, list | tuple):
        raise ValueError(f'it must be a list of words, or "{NOT_EMPTY}", not {name(value)}')
    if not 1 <= len(value) <= MAX_WORDS:
        raise ValueError(f"it must have 1 to {MAX_WORDS} words, not {len(value)}")
    return tuple(map(_word, value))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"its words must be strings, not {name(value)}")
    word = strip_cell(check_text(value))
    if not word:
        raise ValueError("its words must not be empty; a cell that is empty is no value")
    if len(word) > MAX_WORD_CHARACTERS:
        raise ValueError(f"its words must have at most {MAX_WORD_CHARACTERS} characters")
    return word


ColumnName = Annotated[str, AfterValidator(_column_name)]
Words = Annotated[tuple[str, ...] | str | None, BeforeValidator(_words)]
Decimal = Annotated[str, BeforeValidator(_decimal)]


class PropertyColumn(BaseModel):
    """The column that holds a property's values, and the type they must have.

    `decimal` is what stands before the fraction of a number. `stored_as` is not the client's to
    say: it comes from the property's definition.
    """

    model_config = ConfigDict(frozen=True)

    column: ColumnName
    type: PropertyType = PropertyType.STRING
    decimal: Decimal = POINT
    stored_as: str | None = None

    @model_validator(mode="after")
    def _check_decimal(self) -> Self:
        if self.decimal != POINT and self.type is not PropertyType.NUMBER:
            raise ValueError(
                f'`decimal` goes with `"type":"number"` alone, and the type is {self.type}'
            )
        return self


class UnsubscribedColumn(BaseModel):
    """The column that tells who has unsubscribed.

    With `true_when` they are those who have one of its words there, in any case, or anything if
    it is "not_empty"; without it the words that are known everywhere count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: ColumnName
    true_when: Words = None

    @model_validator(mode="before")
    @classmethod
    def _snake_case(cls, value: Any) -> Any:
        return _rename(value, {"trueWhen": "true_when"})


def _rename(value: Any, names: dict[str, str]) -> Any:
    """Return an object of JSON with names as they are written here, not in JavaScript."""
    if not isinstance(value, dict):
        return value
    for written, other in names.items():
        if written in value and other in value:
            raise ValueError(f"{written} and {other} are the same field")
    return {names.get(written, written): each for written, each in value.items()}


class ColumnMap(BaseModel):
    """Contact fields and custom properties by the column that holds them.

    A name that is no contact field is refused: it would be a column that is silently not read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: ColumnName = "email"
    first_name: ColumnName | None = None
    last_name: ColumnName | None = None
    full_name: ColumnName | None = None
    unsubscribed: UnsubscribedColumn | None = None
    properties: dict[str, PropertyColumn] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _snake_case(cls, value: Any) -> Any:
        names = {"firstName": "first_name", "lastName": "last_name", "fullName": "full_name"}
        return _rename(value, names)

    @field_validator("email", mode="before")
    @classmethod
    def _default_email(cls, value: object) -> object:
        return "email" if value is None else value

    @field_validator("unsubscribed", mode="before")
    @classmethod
    def _column_alone(cls, value: object) -> object:
        if isinstance(value, str):
            return {"column": _column_name(value)}
        if not isinstance(value, dict | UnsubscribedColumn | None):
            raise ValueError(
                f"it must be a column's name, or an object with one, not {name(value)}"
            )
        return value

    @field_serializer("unsubscribed")
    def _as_written(self, value: UnsubscribedColumn | None) -> Any:
        if value is None or value.true_when is None:
            return value and value.column
        return value.model_dump(mode="json")

    @field_validator("properties", mode="before")
    @classmethod
    def _no_properties(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("properties")
    @classmethod
    def _check_keys(cls, value: dict[str, PropertyColumn]) -> dict[str, PropertyColumn]:
        for key in value:
            if not is_key(key):
                raise ValueError(
                    f"the property key {quote(key)} must be 1 to 50 letters, digits or underscores"
                )
        return value

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if self.full_name is not None and (self.first_name or self.last_name) is not None:
            raise ValueError(
                "full_name is split into first_name and last_name, so it goes with neither of them"
            )
        return self

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        # Memory and time of a batch grow with what is read from it, however small the file is.
        if len(self.properties) > MAX_PROPERTIES:
            raise ValueError(f"at most {MAX_PROPERTIES} properties can be mapped")
        column, times = Counter(self.columns()).most_common(1)[0]
        if times > MAX_TARGETS_OF_COLUMN:
            raise ValueError(
                f"column '{shorten(make_visible(column))}' is mapped {times} times;"
                f" {MAX_TARGETS_OF_COLUMN} times is the most"
            )
        return self

    def columns(self) -> Iterator[str]:
        """Yield the names of all mapped columns, in the order in which problems are reported."""
        for _, column in self.fields():
            yield column
        for mapped in self.properties.values():
            yield mapped.column

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the contact fields that are mapped, each with the name of its column."""
        for field in FIELDS:
            mapped = getattr(self, field)
            if isinstance(mapped, UnsubscribedColumn):
                mapped = mapped.column
            if mapped is not None:
                yield field, mapped

    @classmethod
    def matching(cls, header: tuple[str, ...]) -> ColumnMap:
        """Return the map of a file that came without one: the fields' own names, where present."""
        present: dict[str, Any] = {name: name for name in DEFAULT_FIELDS[1:] if name in header}
        return cls(email="email", **present)
