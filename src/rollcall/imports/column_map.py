"""Which column of a file means what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from rollcall.properties.values import PropertyType, is_key

BOM = "\ufeff"
MAX_PROPERTIES = 200
MAX_TARGETS_OF_COLUMN = 8
DEFAULT_FIELDS = ("email", "first_name", "last_name", "unsubscribed")


def strip_name(name: str) -> str:
    """Return a column's name as names are compared: without blanks and BOM around it."""
    return name.strip().strip(BOM).strip()


def _column_name(value: object) -> object:
    return strip_name(value) if isinstance(value, str) else value


ColumnName = Annotated[str, BeforeValidator(_column_name), Field(min_length=1)]


class PropertyColumn(BaseModel):
    """The column that holds a property's values, and the type they must have.

    `stored_as` is not the client's to say: it comes from the property's definition.
    """

    model_config = ConfigDict(frozen=True)

    column: ColumnName
    type: PropertyType = PropertyType.STRING
    stored_as: str | None = None


class ColumnMap(BaseModel):
    """Contact fields and custom properties by the column that holds them.

    A name that is no contact field is refused: it would be a column that is silently not read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: ColumnName = "email"
    first_name: ColumnName | None = None
    last_name: ColumnName | None = None
    unsubscribed: ColumnName | None = None
    properties: dict[str, PropertyColumn] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _snake_case(cls, value: Any) -> Any:
        # The way these two are written in JavaScript.
        names = {"firstName": "first_name", "lastName": "last_name"}
        if not isinstance(value, dict):
            return value
        for name, other in names.items():
            if name in value and other in value:
                raise ValueError(f"{name} and {other} are the same field")
        return {names.get(name, name): column for name, column in value.items()}

    @field_validator("email", mode="before")
    @classmethod
    def _default_email(cls, value: object) -> object:
        return "email" if value is None else value

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
                    f"property key {key[:60]!a} must be 1 to 50 letters, digits or underscores"
                )
        return value

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        # Memory and time of a batch grow with what is read from it, however small the file is.
        if len(self.properties) > MAX_PROPERTIES:
            raise ValueError(f"at most {MAX_PROPERTIES} properties can be mapped")
        column, times = Counter(self.columns()).most_common(1)[0]
        if times > MAX_TARGETS_OF_COLUMN:
            raise ValueError(
                f"column {column[:60]!a} is mapped {times} times;"
                f" {MAX_TARGETS_OF_COLUMN} times is the most"
            )
        return self

    def columns(self) -> Iterator[str]:
        """Yield the names of all mapped columns, in the order in which problems are reported."""
        for field in DEFAULT_FIELDS:
            column = getattr(self, field)
            if column is not None:
                yield column
        for mapped in self.properties.values():
            yield mapped.column

    @classmethod
    def matching(cls, header: tuple[str, ...]) -> ColumnMap:
        """Return the map of a file that came without one: the fields' own names, where present."""
        present: dict[str, Any] = {name: name for name in DEFAULT_FIELDS[1:] if name in header}
        return cls(email="email", **present)
