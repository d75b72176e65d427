"""Examples of audiences for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.segments.examples import SEGMENT
from rollcall.web.openapi import ID

EXAMPLES: dict[str, Any] = {
    "AudienceNamed": {"object": "audience", "id": ID, "name": "Newsletter"},
    "AudienceShown": {**SEGMENT, "object": "audience"},
    "AudienceDeleted": {"object": "audience", "id": ID, "deleted": True},
    "AudienceContactDeleted": {"object": "contact", "contact": "ada@example.com", "deleted": True},
}
