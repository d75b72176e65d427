"""Wire shapes of imports."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import BaseModel

from rollcall.imports.models import ContactImport, ImportStatus
from rollcall.wire import WireTimestamp

ERROR_MESSAGES = {
    "file_missing": "The uploaded file is no longer in the storage.",
    "unreadable_file": "The file cannot be read as CSV.",
    "worker_crashed": "The file has brought down its worker several times.",
    "internal_error": "Something went wrong on our side several times in a row.",
}


class ImportCreated(BaseModel):
    """The answer to an accepted upload."""

    object: Literal["contact_import"] = "contact_import"
    id: uuid.UUID


class ImportCounts(BaseModel):
    """What became of the records so far: `total` is the sum of the others, at every moment."""

    total: int
    created: int
    updated: int
    skipped: int
    failed: int


class ImportProblem(BaseModel):
    """Why an import as a whole has failed."""

    code: str
    message: str


class ImportShown(BaseModel):
    """An import. `completed_at` is null until its end, `error` unless it has failed."""

    object: Literal["contact_import"] = "contact_import"
    id: uuid.UUID
    status: ImportStatus
    created_at: WireTimestamp
    completed_at: WireTimestamp | None
    counts: ImportCounts
    error: ImportProblem | None = None


def show_import(row: ContactImport) -> ImportShown:
    """Return an import as it goes over the wire."""
    return ImportShown(
        id=row.id,
        status=ImportStatus(row.status),
        created_at=row.created_at,
        completed_at=row.completed_at,
        counts=ImportCounts(
            total=row.total,
            created=row.created,
            updated=row.updated,
            skipped=row.skipped,
            failed=row.failed,
        ),
        error=_show_error(row),
    )


def _show_error(row: ContactImport) -> ImportProblem | None:
    if row.status != ImportStatus.FAILED or row.error_code is None:
        return None
    return ImportProblem(code=row.error_code, message=ERROR_MESSAGES[row.error_code])
