"""Examples of properties for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.web.openapi import ID, TIME

_property = {
    "id": ID,
    "key": "plan",
    "type": "string",
    "fallback_value": "free",
    "created_at": TIME,
}

EXAMPLES: dict[str, Any] = {
    "PropertyCreate": {"key": "plan", "type": "string", "fallback_value": "free"},
    "PropertyPatch": {"fallback_value": "free"},
    "PropertyCreated": {"object": "contact_property", "id": ID},
    "PropertyListed": _property,
    "PropertyShown": {**_property, "object": "contact_property"},
    "PropertyDeleted": {"object": "contact_property", "id": ID, "deleted": True},
}
