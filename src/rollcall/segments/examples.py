"""Examples of segments for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.web.openapi import ID, TIME

SEGMENT = {"id": ID, "name": "Newsletter", "created_at": TIME}

EXAMPLES: dict[str, Any] = {
    "SegmentName": {"name": "Newsletter"},
    "SegmentReference": {"id": ID},
    "SegmentNamed": {"object": "segment", "id": ID, "name": "Newsletter"},
    "SegmentListed": SEGMENT,
    "SegmentShown": {**SEGMENT, "object": "segment"},
    "SegmentDeleted": {"object": "segment", "id": ID, "deleted": True},
}
