"""Wire shapes of contact properties."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    StrictStr,
    WithJsonSchema,
)

from rollcall.properties.values import (
    KEY_PATTERN,
    PropertyType,
    PropertyValue,
    check_key,
    check_value,
)
from rollcall.web.wire import WireTimestamp

ANY_VALUE = {
    "anyOf": [
        {"type": "string", "maxLength": 10_000},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
    ]
}

PropertyKey = Annotated[
    StrictStr,
    AfterValidator(check_key),
    WithJsonSchema({"type": "string", "pattern": f"^{KEY_PATTERN}$"}),
]
# Checked by a function and not as a union, whose errors would name the members of the union.
GivenValue = Annotated[Any, PlainValidator(check_value), WithJsonSchema(ANY_VALUE)]


class PropertyCreate(BaseModel):
    """A new property."""

    key: PropertyKey
    type: PropertyType
    fallback_value: GivenValue = None


class PropertyPatch(BaseModel):
    """A new fallback value; null is none."""

    fallback_value: GivenValue = None


class PropertyCreated(BaseModel):
    """The answer to a new property."""

    object: Literal["contact_property"] = "contact_property"
    id: uuid.UUID


class PropertyListed(BaseModel):
    """A property in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    key: str
    type: PropertyType
    fallback_value: PropertyValue | None
    created_at: WireTimestamp


class PropertyShown(PropertyListed):
    """A property."""

    object: Literal["contact_property"] = "contact_property"


class PropertyDeleted(BaseModel):
    """The answer to a property's end."""

    object: Literal["contact_property"] = "contact_property"
    deleted: Literal[True] = True
    id: uuid.UUID
