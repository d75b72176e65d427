"""What all answers on the wire have in common: timestamps, lists, ids."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, StrictStr, WithJsonSchema

from rollcall.errors import InvalidParameter
from rollcall.text import MAX_TEXT_CHARACTERS, check_text

Item = TypeVar("Item")


def render_timestamp(moment: datetime) -> str:
    """Render a moment as the hosted service does: `2026-05-15 18:32:37.823+00`."""
    moment = moment.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction}+00"


WireTimestamp = Annotated[
    datetime,
    PlainSerializer(render_timestamp, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["2026-05-15 18:32:37.823+00"]}),
]

# Whatever a client may write into a text field: what the database can hold, up to one limit.
Text = Annotated[StrictStr, Field(max_length=MAX_TEXT_CHARACTERS), AfterValidator(check_text)]
Name = Annotated[
    StrictStr, Field(min_length=1, max_length=MAX_TEXT_CHARACTERS), AfterValidator(check_text)
]


class ListOf(BaseModel, Generic[Item]):
    """A page of a list; `has_more` tells of more in the direction of travel."""

    object: Literal["list"] = "list"
    has_more: bool
    data: list[Item]


# Read as text, so that `parse_id` answers for what is no id.
IdText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]

# The same for an id that a query may do without.
QueryId = Annotated[str | None, WithJsonSchema({"type": "string", "format": "uuid"})]


def parse_id(value: str, name: str) -> uuid.UUID:
    """Return the id of a path, or raise `InvalidParameter` naming it."""
    try:
        return uuid.UUID(value)
    except ValueError:
        raise InvalidParameter(f"The `{name}` must be a valid UUID.") from None
