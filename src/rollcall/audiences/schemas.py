"""Wire shapes of audiences: those of segments, under the older name."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from rollcall.segments.schemas import SegmentDeleted, SegmentNamed, SegmentShown


class AudienceNamed(SegmentNamed):
    """The answer to a new or renamed audience."""

    object: Literal["audience"] = "audience"  # type: ignore[assignment]


class AudienceShown(SegmentShown):
    """An audience."""

    object: Literal["audience"] = "audience"  # type: ignore[assignment]


class AudienceDeleted(SegmentDeleted):
    """The answer to an audience's end."""

    object: Literal["audience"] = "audience"  # type: ignore[assignment]


class AudienceContactDeleted(BaseModel):
    """The answer to a contact that is no longer in an audience: what was asked for."""

    object: Literal["contact"] = "contact"
    contact: str
    deleted: Literal[True] = True
