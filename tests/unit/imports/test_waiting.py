"""What an import's row says of its waiting, in each of its states."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rollcall.imports.kinds import ErrorCode, ImportStatus
from rollcall.imports.models import ContactImport
from rollcall.imports.sentences import SILENT, TOO_OLD, explain_passing_error
from rollcall.imports.waiting import LastError, Waiting, describe_waiting

CREATED = datetime(2026, 11, 20, 9, tzinfo=UTC)
RELEASED = CREATED + timedelta(minutes=5)
EXPIRES = CREATED + timedelta(minutes=10)
LEFT, OVER = timedelta(seconds=20), timedelta(seconds=-20)


def describe(status: ImportStatus, **columns: Any) -> Waiting:
    row = ContactImport(status=status, created_at=CREATED, attempts=2, crashes=1, losses=1)
    # Computed by the database, where there is one.
    row.lease_left = columns.pop("lease_left", None)
    row.is_understood = columns.pop("is_understood", True)
    for name, value in columns.items():
        setattr(row, name, value)
    return describe_waiting(row)


@pytest.mark.parametrize(("released_at", "since"), [(None, CREATED), (RELEASED, RELEASED)])
def test_a_queued_import_waits_since_it_was_queued(
    released_at: datetime | None, since: datetime
) -> None:
    waiting = describe(ImportStatus.QUEUED, released_at=released_at)
    assert waiting == Waiting(waiting_since=since, attempts=0)


def test_workers_that_are_too_old_are_why_it_waits() -> None:
    why = LastError(code=TOO_OLD, message=explain_passing_error(TOO_OLD))
    for status, columns in (
        (ImportStatus.QUEUED, {}),
        (ImportStatus.IN_PROGRESS, {"lease_left": OVER, "error_code": "internal_error"}),
        (ImportStatus.IN_PROGRESS, {"lease_left": OVER, "lease_owner": uuid.uuid4()}),
    ):
        assert describe(status, is_understood=False, **columns).last_error == why
    leased = {"lease_left": LEFT, "lease_owner": uuid.uuid4(), "is_understood": False}
    assert describe(ImportStatus.IN_PROGRESS, **leased) == Waiting()


@pytest.mark.parametrize("status", [ImportStatus.COMPLETED, ImportStatus.FAILED])
def test_what_has_ended_does_not_wait(status: ImportStatus) -> None:
    assert describe(status, lease_left=OVER) == Waiting()


def test_what_a_worker_has_does_not_wait() -> None:
    leased = describe(ImportStatus.IN_PROGRESS, lease_owner=uuid.uuid4(), lease_left=LEFT)
    assert leased == Waiting()


@pytest.mark.parametrize(("lease_left", "retry_at"), [(LEFT, EXPIRES), (OVER, None)])
def test_what_was_given_back_waits_for_its_pause(
    lease_left: timedelta, retry_at: datetime | None
) -> None:
    waiting = describe(
        ImportStatus.IN_PROGRESS,
        released_at=RELEASED,
        lease_left=lease_left,
        lease_expires_at=EXPIRES,
        error_code=ErrorCode.DATABASE_ERROR,
    )
    why = LastError(
        code=ErrorCode.DATABASE_ERROR, message=explain_passing_error(ErrorCode.DATABASE_ERROR)
    )
    assert waiting == Waiting(waiting_since=RELEASED, retry_at=retry_at, attempts=4, last_error=why)


def test_a_worker_that_is_silent_is_what_went_wrong() -> None:
    waiting = describe(
        ImportStatus.IN_PROGRESS,
        lease_owner=uuid.uuid4(),
        lease_left=OVER,
        lease_expires_at=EXPIRES,
    )
    why = LastError(code=SILENT, message=explain_passing_error(SILENT))
    assert waiting == Waiting(waiting_since=EXPIRES, attempts=4, last_error=why)
