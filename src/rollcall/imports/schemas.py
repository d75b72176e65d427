"""Wire shapes of imports."""

from __future__ import annotations

import math
import uuid
from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Row

from rollcall.imports.column_map import POINT
from rollcall.imports.failures.lists import failure_ids, warning_id
from rollcall.imports.file_dialect import FileDialect, show_dialect
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import ContactImport, StoredFailure, StoredWarning
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.sentences import explain_error, explain_failure, explain_warning
from rollcall.imports.waiting import LastError, describe_waiting
from rollcall.web.wire import WireTimestamp

# After this long without a batch nobody knows how fast an import is.
SPEED_KNOWN = timedelta(seconds=15)


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


class ImportListed(BaseModel):
    """An import, with what has failed, how far and how fast it is.

    `completed_at` is null until its end, `error` unless it has failed. `failures` and `warnings`
    count by code; failures sum up to `failed`. `progress` is the share of the file's bytes that is
    done, from 0 to 1; it only goes back when a dry run begins anew. `rows_per_second` is a mean
    over the last few seconds, null while no worker is at work. `note` is what was written about it.
    The last four are null unless the import waits, see `Waiting`.
    """

    object: Literal["contact_import"] = "contact_import"
    id: uuid.UUID
    status: ImportStatus
    created_at: WireTimestamp
    completed_at: WireTimestamp | None
    counts: ImportCounts
    error: ImportProblem | None = None
    failures: dict[str, int]
    warnings: dict[str, int]
    progress: float
    rows_per_second: float | None
    dry_run: bool
    note: str | None
    waiting_since: WireTimestamp | None
    retry_at: WireTimestamp | None
    attempts: int | None
    last_error: LastError | None


class FieldChange(BaseModel):
    """What becomes of a contact's field; null is no value."""

    before: Any = Field(serialization_alias="from")
    after: Any = Field(serialization_alias="to")


class ContactChange(BaseModel):
    """What a file would make of a contact, `row` being the first to name it.

    Fields are called `first_name`, `last_name`, `unsubscribed`, `properties.KEY`, `topics.ID` and
    `segments.ID`, which is whether it is a member; those that stay as they are are left out.
    """

    row: int
    email: str
    action: Literal["created", "updated"]
    fields: dict[str, FieldChange]


class ImportShown(ImportListed):
    """An import by itself.

    `column_map` is the one that is used, whether it was sent or found out, and `dialect` how the
    file is read. A dry run stores nothing but this; `changes` are the first contacts that it would
    change.
    """

    column_map: dict[str, Any]
    dialect: FileDialect
    changes: list[ContactChange]


class RowProblem(BaseModel):
    """What is wrong with or remarkable about a row, counted as a spreadsheet does: header 1.

    `column` is the header's name of it; null when it is about the row or the file as a whole.
    `value` is the cell as it stands in the file, at most 200 characters, or the address as it is
    stored; null when it is empty.
    """

    id: uuid.UUID
    row: int
    column: str | None
    code: str
    message: str
    value: str | None


class FailureListed(RowProblem):
    """A row that was not imported, and why."""

    object: Literal["contact_import_failure"] = "contact_import_failure"


class WarningListed(RowProblem):
    """A remark on a row that did not fail."""

    object: Literal["contact_import_warning"] = "contact_import_warning"


def list_import(row: Row[Any]) -> ImportListed:
    """Return an import as a list has it, from a row of `queries.list_imports`."""
    return ImportListed(**_fields(row))


def show_import(row: ContactImport) -> ImportShown:
    """Return an import as it goes over the wire by itself."""
    return ImportShown(
        **_fields(row),
        column_map=_show_column_map(row.column_map),
        dialect=show_dialect(Dialect.from_json(row.dialect)),
        changes=[_show_change(change) for change in row.changes],
    )


def _show_column_map(column_map: dict[str, Any]) -> dict[str, Any]:
    """Return a map as it can be sent, without what it does not say."""
    stored = column_map.get("properties", {})
    properties = {key: _show_property(mapped) for key, mapped in stored.items()}
    named = {**column_map, "properties": properties}
    return {field: column for field, column in named.items() if column}


def _show_property(mapped: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in mapped.items() if name != "stored_as"}
    if shown.get("decimal") == POINT:
        del shown["decimal"]
    return shown


def list_failure(row: StoredFailure) -> FailureListed:
    """Return a failure as it goes over the wire."""
    return FailureListed(
        id=failure_ids(row.import_id).make(row.row),
        row=row.row,
        column=row.column,
        code=row.code,
        message=explain_failure(row.code, row.column, row.value),
        value=row.value,
    )


def list_warning(row: StoredWarning) -> WarningListed:
    """Return a warning as it goes over the wire."""
    return WarningListed(
        id=warning_id(row),
        row=row.row,
        column=row.column,
        code=row.code,
        message=explain_warning(row.code, row.value),
        value=row.value,
    )


def _show_change(change: dict[str, Any]) -> ContactChange:
    fields = {
        name: FieldChange(before=values["from"], after=values["to"])
        for name, values in change["fields"].items()
    }
    return ContactChange(**{**change, "fields": fields})


def _fields(row: ContactImport | Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": ImportStatus(row.status),
        "created_at": row.created_at,
        "completed_at": row.completed_at,
        "counts": ImportCounts(
            total=row.total,
            created=row.created,
            updated=row.updated,
            skipped=row.skipped,
            failed=row.failed,
        ),
        "error": _show_error(row),
        "failures": row.failures,
        "warnings": row.warnings,
        "progress": _progress(row),
        "rows_per_second": _rows_per_second(row),
        "dry_run": row.dry_run,
        "note": row.note,
        **dict(describe_waiting(row)),
    }


def _progress(row: ContactImport | Row[Any]) -> float:
    if row.status == ImportStatus.COMPLETED:
        return 1.0
    # Where the file is not UTF-8, the place that was reached is only nearly exact.
    return min(math.floor(row.resume_offset / max(row.size, 1) * 10_000) / 10_000, 1.0)


def _rows_per_second(row: ContactImport | Row[Any]) -> float | None:
    if row.rows_per_second is None or row.last_batch_age is None:
        return None
    if row.last_batch_age > SPEED_KNOWN:
        return None
    return round(row.rows_per_second, 1)


def _show_error(row: ContactImport | Row[Any]) -> ImportProblem | None:
    if row.status != ImportStatus.FAILED or row.error_code is None:
        return None
    message = explain_error(row.error_code, dry_run=row.dry_run)
    return ImportProblem(code=row.error_code, message=message)
