"""Reading an import's failures and warnings, a page at a time, in the order of its rows."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.failures.item_ids import ItemIds
from rollcall.imports.issues import Failure, FailureCode, WarningCode
from rollcall.imports.models import ContactImport, StoredFailure, StoredWarning
from rollcall.web.pagination import Page

Row = TypeVar("Row")
WARNING_CODES = tuple(WarningCode)
UNKNOWN_CODES = 128


def failure_ids(import_id: uuid.UUID) -> ItemIds:
    """Return the ids of an import's failures."""
    return ItemIds("failures", import_id)


def warning_ids(import_id: uuid.UUID) -> ItemIds:
    """Return the ids of an import's warnings."""
    return ItemIds("warnings", import_id)


def warning_id(warning: StoredWarning) -> uuid.UUID:
    """Return the id of a warning."""
    return warning_ids(warning.import_id).make(warning.row, _number(warning.code))


async def list_failures(
    session: AsyncSession, found: ContactImport, page: Page, code: str | None
) -> tuple[list[StoredFailure], bool]:
    """Return a page of failures, of one code or of all, and whether there are more.

    Raises:
        ValidationFailed: there is no such code, or a cursor is no id of this list.
    """
    query = select(StoredFailure).where(*_of(StoredFailure, found))
    if code is not None:
        query = query.where(StoredFailure.code == _known(code, list(FailureCode)))
    position = _position(page, failure_ids(found.id))
    if position is not None:
        query = query.where(_beyond(page, StoredFailure.row, position[0]))
    return await _fetch(session, page, query, [StoredFailure.row])


async def list_warnings(
    session: AsyncSession, found: ContactImport, page: Page, code: str | None
) -> tuple[list[StoredWarning], bool]:
    """Return a page of warnings, of one code or of all, and whether there are more.

    Raises:
        ValidationFailed: there is no such code, or a cursor is no id of this list.
    """
    query = select(StoredWarning).where(*_of(StoredWarning, found))
    position = await _warning_position(session, found, page)
    if code is not None:
        query = query.where(StoredWarning.code == _known(code, WARNING_CODES))
        if position is not None:
            query = query.where(_beyond(page, StoredWarning.row, _last_row(page, code, position)))
        return await _fetch(session, page, query, [StoredWarning.row])
    if position is not None:
        query = query.where(_beyond(page, tuple_(StoredWarning.row, StoredWarning.code), position))
    return await _fetch(session, page, query, [StoredWarning.row, StoredWarning.code])


async def next_failures(
    session: AsyncSession, found: ContactImport, after_row: int, limit: int
) -> list[Failure]:
    """Return the failures after a row."""
    # Plain columns: to make objects of the rows would take longer than to read them.
    query = (
        select(StoredFailure.row, StoredFailure.column, StoredFailure.code, StoredFailure.value)
        .where(*_of(StoredFailure, found), StoredFailure.row > after_row)
        .order_by(StoredFailure.row)
        .limit(limit)
    )
    return [Failure(*row) for row in await session.execute(query)]


def _of(
    table: type[StoredFailure] | type[StoredWarning], found: ContactImport
) -> tuple[ColumnElement[bool], ...]:
    return table.team_id == found.team_id, table.import_id == found.id


def _known(code: str, codes: Sequence[str]) -> str:
    if code not in codes:
        raise ValidationFailed(f"Invalid `code`: it must be one of {', '.join(codes)}.")
    return code


def _position(page: Page, ids: ItemIds) -> tuple[int, int] | None:
    """Return the row and number of the page's cursor, if it has one."""
    cursor = page.after or page.before
    if cursor is None:
        return None
    try:
        return ids.read(cursor)
    except ValueError:
        raise _foreign_cursor(page) from None


async def _warning_position(
    session: AsyncSession, found: ContactImport, page: Page
) -> tuple[int, str] | None:
    position = _position(page, warning_ids(found.id))
    if position is None:
        return None
    row, number = position
    if number < len(WARNING_CODES):
        return row, WARNING_CODES[number]
    query = select(StoredWarning.code).where(*_of(StoredWarning, found), StoredWarning.row == row)
    for code in await session.scalars(query):
        if _number(code) == number:
            return row, code
    raise _foreign_cursor(page)


def _number(code: str) -> int:
    """Return what tells a warning's id from those of the others on its row: 8 bits."""
    if code in WARNING_CODES:
        return WARNING_CODES.index(code)
    # One of a newer worker, while a cluster is updated.
    return UNKNOWN_CODES + zlib.crc32(code.encode()) % UNKNOWN_CODES


def _foreign_cursor(page: Page) -> ValidationFailed:
    name = "before" if page.before is not None else "after"
    return ValidationFailed(f"Invalid `{name}`: it must be the id of an item of this list.")


def _last_row(page: Page, code: str, position: tuple[int, str]) -> int:
    """Return the row beyond which one code goes on when the cursor stands at another code's item.

    A row may have both, and then it is the codes that say which of them comes first.
    """
    row, other = position
    if page.before is not None:
        return row + 1 if code < other else row
    return row - 1 if code > other else row


def _beyond(page: Page, key: Any, position: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = key < position if page.before is not None else key > position
    return condition


async def _fetch(
    session: AsyncSession, page: Page, query: Select[tuple[Row]], key: Sequence[Any]
) -> tuple[list[Row], bool]:
    order = [column.desc() if page.before is not None else column for column in key]
    return page.cut((await session.scalars(query.order_by(*order).limit(page.limit + 1))).all())
