"""What the server answers, as far as it is shown.

What an older server does not say yet has a default, and is then not shown.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field


class Created(BaseModel):
    """The answer to an upload."""

    id: uuid.UUID


class Counts(BaseModel):
    """What became of the records so far; `total` is the sum of the others."""

    total: int
    created: int
    updated: int
    skipped: int
    failed: int


class Problem(BaseModel):
    """Why an import as a whole has failed."""

    code: str
    message: str


class FieldChange(BaseModel):
    """What a dry run would make of a field."""

    before: Any = Field(None, alias="from")
    after: Any = Field(None, alias="to")


class Change(BaseModel):
    """What a dry run would make of a contact."""

    row: int
    email: str
    action: str
    fields: dict[str, FieldChange] = {}


class ImportState(BaseModel):
    """An import at one moment: `progress` from 0 to 1, failures and warnings by code."""

    id: uuid.UUID
    status: Literal["queued", "in_progress", "completed", "failed"]
    counts: Counts
    error: Problem | None = None
    progress: float | None = None
    rows_per_second: float | None = None
    failures: dict[str, int] = {}
    warnings: dict[str, int] = {}
    dry_run: bool = False
    changes: list[Change] = []

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "failed")


class Failure(BaseModel):
    """A row that failed."""

    row: int
    column: str | None = None
    code: str
    message: str


class FailureList(BaseModel):
    """A page of failed rows."""

    data: list[Failure]
