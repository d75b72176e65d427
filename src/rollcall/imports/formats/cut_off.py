"""A packed file of which only the beginning is there."""

from __future__ import annotations

from rollcall.errors import ValidationFailed


class PackedFileCutOff(ValidationFailed):
    """The end of a packed file is missing, without which it cannot be read."""
