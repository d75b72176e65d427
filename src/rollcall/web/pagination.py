"""Keyset pages over time-ordered ids, newest first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from pydantic import WithJsonSchema
from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rollcall.errors import ValidationFailed
from rollcall.web.wire import QueryId

MAX_LIMIT = 100
Row = TypeVar("Row")
LimitText = Annotated[str, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT})]
After = Annotated[
    QueryId,
    Query(
        description="Id of an item; the page begins after it. It and `before` exclude each other."
    ),
]
Before = Annotated[
    QueryId,
    Query(description="Id of an item; the page ends before it. It and `after` exclude each other."),
]
Key = InstrumentedAttribute[uuid.UUID] | ColumnElement[uuid.UUID]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of a list is asked for; the cursors' own rows are excluded."""

    limit: int
    after: uuid.UUID | None = None
    before: uuid.UUID | None = None

    def select(self, query: Select[Any], key: Key) -> Select[Any]:
        """Return the query for this page and one row more, which tells of `has_more`."""
        query = query.where(*self.within(key)).order_by(self.order(key))
        return query.limit(self.limit + 1)

    def within(self, key: Key) -> list[ColumnElement[bool]]:
        """Return the conditions for a row to be beyond the cursor."""
        if self.before is not None:
            return [key > self.before]
        return [] if self.after is None else [key < self.after]

    def order(self, key: Key) -> ColumnElement[uuid.UUID]:
        """Return the order in which the page is read, which is the direction of travel."""
        return key.desc() if self.before is None else key.asc()

    def cut(self, rows: Sequence[Row]) -> tuple[list[Row], bool]:
        """Return the page's rows, newest first, and whether there are more beyond them."""
        page = list(rows[: self.limit])
        if self.before is not None:
            page.reverse()
        return page, len(rows) > self.limit


async def fetch_page(
    session: AsyncSession, page: Page, query: Select[Any], key: Key
) -> tuple[list[Any], bool]:
    """Run a query for one page; rows are whole result rows."""
    return page.cut((await session.execute(page.select(query, key))).all())


def page_parameters(default_limit: int) -> Any:
    """Return the dependency that reads `limit`, `after` and `before` from the query."""

    # Written as a default, because annotations are evaluated where `default_limit` is unknown.
    async def read(
        limit: LimitText | None = Query(
            None, description=f"Items per page, 1 to 100; {default_limit} by default."
        ),
        after: After = None,
        before: Before = None,
    ) -> Page:
        if after is not None and before is not None:
            raise ValidationFailed("Use either `after` or `before`, not both.")
        return Page(
            limit=_limit(limit, default_limit),
            after=_cursor(after, "after"),
            before=_cursor(before, "before"),
        )

    return Depends(read)


def _limit(value: str | None, default: int) -> int:
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:10]) <= MAX_LIMIT:
        raise ValidationFailed(f"Invalid `limit`: it must be a number from 1 to {MAX_LIMIT}.")
    return int(value)


def _cursor(value: str | None, name: str) -> uuid.UUID | None:
    if value is None:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        raise ValidationFailed(f"Invalid `{name}`: it must be a valid UUID.") from None


PageOf20 = Annotated[Page, page_parameters(20)]
PageOf10 = Annotated[Page, page_parameters(10)]
