"""What the server answers, as far as it is shown.

What an older server does not say yet has a default, and is then not shown.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

# As the server writes them: `2026-11-20 09:12:44.1873+00`.
Moment = Annotated[
    datetime, BeforeValidator(lambda v: datetime.fromisoformat(v) if isinstance(v, str) else v)
]


class Created(BaseModel):
    """The answer to an upload."""

    id: uuid.UUID


class PreviewDialect(BaseModel):
    """How a file would be read."""

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None


class ColumnSuggestion(BaseModel):
    """What a column seems to be; `key` and `type` are those of a property."""

    target: str = ""
    key: str | None = None
    type: str | None = None
    confidence: str = ""
    reason: str = ""


class PreviewColumn(BaseModel):
    """A column of the header, `index` from 0; without a name it cannot be mapped."""

    index: int = 0
    name: str = ""
    samples: list[str] = []
    suggestion: ColumnSuggestion | None = None


class PreviewWarning(BaseModel):
    """A remark on the file as a whole."""

    message: str = ""


class Preview(BaseModel):
    """What an upload would be read as.

    Of `column_map` nothing is known here but that it is a map: a later server may have fields in it
    that this client does not know, and gets them back.
    """

    dialect: PreviewDialect = PreviewDialect()
    columns: list[PreviewColumn] = []
    column_map: dict[str, Any] | None = None
    warnings: list[PreviewWarning] = []


class Counts(BaseModel):
    """What became of the records so far; `total` is the sum of the others."""

    total: int
    created: int
    updated: int
    skipped: int
    failed: int


class Problem(BaseModel):
    """Why an import as a whole has failed, or why it waits."""

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
    """An import at one moment: `progress` from 0 to 1, failures and warnings by code.

    The last three are there while it waits; `last_error` is there when something went wrong before.
    """

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
    waiting_since: Moment | None = None
    retry_at: Moment | None = None
    last_error: Problem | None = None

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
