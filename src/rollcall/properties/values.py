"""What a contact property may be called and what values it may hold."""

from __future__ import annotations

import enum

KEY_PATTERN = r"[A-Za-z0-9_]{1,50}"


class PropertyType(enum.StrEnum):
    """The type of a property's values."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
