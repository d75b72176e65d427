"""Wire shapes of segments."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from rollcall.web.wire import Name, WireTimestamp


class SegmentName(BaseModel):
    """A segment's name."""

    name: Name


class SegmentReference(BaseModel):
    """A segment, by its id."""

    id: uuid.UUID


def _reference(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


# Clients write `[{"id": "…"}]` or `["…"]`.
SegmentReferences = list[
    Annotated[
        SegmentReference,
        BeforeValidator(_reference, json_schema_input_type=uuid.UUID | SegmentReference),
    ]
]


class SegmentNamed(BaseModel):
    """The answer to a new or renamed segment."""

    model_config = ConfigDict(from_attributes=True)

    object: Literal["segment"] = "segment"
    id: uuid.UUID
    name: str


class SegmentListed(BaseModel):
    """A segment in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    created_at: WireTimestamp


class SegmentShown(SegmentListed):
    """A segment."""

    object: Literal["segment"] = "segment"


class SegmentDeleted(BaseModel):
    """The answer to a segment's end."""

    object: Literal["segment"] = "segment"
    id: uuid.UUID
    deleted: Literal[True] = True
