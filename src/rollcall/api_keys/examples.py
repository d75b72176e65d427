"""Examples of API keys for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.web.openapi import ID, TIME

_key = {"id": ID, "name": "Backend", "created_at": TIME, "last_used_at": TIME}

EXAMPLES: dict[str, Any] = {
    "KeyCreate": {"name": "Backend", "permission": "full_access"},
    "KeyName": {"name": "Backend"},
    "KeyCreated": {"id": ID, "token": "re_EXAMPLE"},
    "KeyListed": _key,
    "KeyShown": {**_key, "object": "api_key"},
    "KeyDeleted": {"object": "api_key", "id": ID, "deleted": True},
}
