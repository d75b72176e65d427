"""Whether an import waits: since when, until when, and what went wrong before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import ContactImport
from rollcall.imports.sentences import SILENT, TOO_OLD, explain_passing_error
from rollcall.web.wire import WireTimestamp


class LastError(BaseModel):
    """What went wrong when the import was tried last; it is tried again."""

    code: str
    message: str


class Waiting(BaseModel):
    """Fields of an import that waits for a worker; all null when it does not.

    `retry_at` is null when the next worker that is free may take the import. `attempts` counts the
    tries since a batch was committed that have come to nothing.
    """

    waiting_since: WireTimestamp | None = None
    retry_at: WireTimestamp | None = None
    attempts: int | None = None
    last_error: LastError | None = None


def describe_waiting(row: ContactImport | Row[Any]) -> Waiting:
    """Return what an import's row says about its waiting."""
    if row.status == ImportStatus.QUEUED:
        since = row.released_at or row.created_at
        return Waiting(waiting_since=since, attempts=0, last_error=_find_too_old(row))
    if row.status != ImportStatus.IN_PROGRESS or row.lease_left is None:
        return Waiting()
    is_over = row.lease_left <= timedelta(0)
    if row.lease_owner is None:
        return Waiting(
            waiting_since=row.released_at,
            retry_at=None if is_over else row.lease_expires_at,
            attempts=row.attempts + row.crashes + row.losses,
            last_error=_find_too_old(row) or _explain(row.error_code),
        )
    if is_over:
        return Waiting(
            waiting_since=row.lease_expires_at,
            attempts=row.attempts + row.crashes + row.losses,
            last_error=_find_too_old(row) or _explain(SILENT),
        )
    return Waiting()


def _find_too_old(row: ContactImport | Row[Any]) -> LastError | None:
    return None if row.is_understood else _explain(TOO_OLD)


def _explain(code: str | None) -> LastError | None:
    return None if code is None else LastError(code=code, message=explain_passing_error(code))
