"""Which import is meant."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImportKey:
    """The primary key of an import's row."""

    team_id: uuid.UUID
    import_id: uuid.UUID
