"""Reading an import's failures and warnings, a page at a time, in the order of its rows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, ValidationFailed
from rollcall.imports.item_ids import ItemIds
from rollcall.imports.models import ContactImport, FailedRow, WarnedRow
from rollcall.imports.reasons import FAILURES, WARNINGS, Failure
from rollcall.pagination import Page

Row = TypeVar("Row")
WARNING_CODES = tuple(WARNINGS)


class ImportNotFound(NotFound):
    """Contact import not found"""


async def find_import(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    """Return an import as it is now.

    Raises:
        ImportNotFound: there is none with this id.
    """
    row = await session.get(ContactImport, (team_id, import_id), populate_existing=True)
    if row is None:
        raise ImportNotFound
    return row


def failure_ids(import_id: uuid.UUID) -> ItemIds:
    """Return the ids of an import's failures."""
    return ItemIds("failures", import_id)


def warning_ids(import_id: uuid.UUID) -> ItemIds:
    """Return the ids of an import's warnings."""
    return ItemIds("warnings", import_id)


def warning_id(warning: WarnedRow) -> uuid.UUID:
    """Return the id of a warning."""
    number = WARNING_CODES.index(warning.code)
    return warning_ids(warning.import_id).make(warning.row, number)


async def list_failures(
    session: AsyncSession, found: ContactImport, page: Page, code: str | None
) -> tuple[list[FailedRow], bool]:
    """Return a page of failures, of one code or of all, and whether there are more.

    Raises:
        ValidationFailed: there is no such code, or a cursor is no id of this list.
    """
    query = select(FailedRow).where(*_of(FailedRow, found))
    if code is not None:
        query = query.where(FailedRow.code == _known(code, FAILURES))
    position = _position(page, failure_ids(found.id))
    if position is not None:
        query = query.where(_beyond(page, FailedRow.row, position[0]))
    return await _fetch(session, page, query, [FailedRow.row])


async def list_warnings(
    session: AsyncSession, found: ContactImport, page: Page, code: str | None
) -> tuple[list[WarnedRow], bool]:
    """Return a page of warnings, of one code or of all, and whether there are more.

    Raises:
        ValidationFailed: there is no such code, or a cursor is no id of this list.
    """
    query = select(WarnedRow).where(*_of(WarnedRow, found))
    position = _warning_position(page, found.id)
    if code is not None:
        query = query.where(WarnedRow.code == _known(code, WARNINGS))
        if position is not None:
            query = query.where(_beyond(page, WarnedRow.row, _last_row(page, code, position)))
        return await _fetch(session, page, query, [WarnedRow.row])
    if position is not None:
        query = query.where(_beyond(page, tuple_(WarnedRow.row, WarnedRow.code), position))
    return await _fetch(session, page, query, [WarnedRow.row, WarnedRow.code])


async def next_failures(
    session: AsyncSession, found: ContactImport, after_row: int, limit: int
) -> list[Failure]:
    """Return the failures after a row."""
    # Plain columns: to make objects of the rows would take longer than to read them.
    query = (
        select(FailedRow.row, FailedRow.column, FailedRow.code, FailedRow.value)
        .where(*_of(FailedRow, found), FailedRow.row > after_row)
        .order_by(FailedRow.row)
        .limit(limit)
    )
    return [Failure(*row) for row in await session.execute(query)]


def _of(
    table: type[FailedRow] | type[WarnedRow], found: ContactImport
) -> tuple[ColumnElement[bool], ...]:
    return table.team_id == found.team_id, table.import_id == found.id


def _known(code: str, codes: Collection[str]) -> str:
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


def _warning_position(page: Page, import_id: uuid.UUID) -> tuple[int, str] | None:
    position = _position(page, warning_ids(import_id))
    if position is None:
        return None
    row, number = position
    if number >= len(WARNING_CODES):
        raise _foreign_cursor(page)
    return row, WARNING_CODES[number]


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
