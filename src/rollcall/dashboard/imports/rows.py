"""Rows that failed, and warnings, as tables with a filter, a page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.rendering import is_script, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.imports.failures.download import require_problems
from rollcall.imports.failures.lists import list_failures, list_warnings
from rollcall.imports.models import ContactImport
from rollcall.imports.queries import find_import
from rollcall.imports.schemas import RowProblem, list_failure, list_warning
from rollcall.web.pagination import Page, PageOf10
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

router = dashboard_router("/imports")
PAGE = Page(limit=10)


@dataclass(frozen=True, kw_only=True)
class RowsShown:
    """A page of one of an import's lists.

    `kind` is the list's: failures or warnings; `codes` counts all of it. `code` is the filter.
    `previous` and `following` are the queries of the neighbouring pages, None where there is none.
    """

    import_id: uuid.UUID
    kind: str
    codes: dict[str, int]
    code: str | None
    items: Sequence[RowProblem]
    previous: str | None
    following: str | None


@router.get("/{import_id}/failures")
async def page_of_failures(
    request: Request,
    import_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf10,
    code: str = "",
) -> Response:
    """Show rows that failed."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    require_problems(row)
    return _answer(request, row, await show_failures(session, row, page, code or None))


@router.get("/{import_id}/warnings")
async def page_of_warnings(
    request: Request,
    import_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf10,
    code: str = "",
) -> Response:
    """Show warnings."""
    row = await find_import(session, team_id, parse_id(import_id, "id"))
    require_problems(row)
    return _answer(request, row, await show_warnings(session, row, page, code or None))


async def show_failures(
    session: AsyncSession, row: ContactImport, page: Page, code: str | None = None
) -> RowsShown:
    """Return a page of the rows of an import that failed."""
    failures, has_more = await list_failures(session, row, page, code)
    items = [list_failure(failure) for failure in failures]
    return _rows(row, "failures", row.failures, items, _neighbours(page, items, has_more, code))


async def show_warnings(
    session: AsyncSession, row: ContactImport, page: Page, code: str | None = None
) -> RowsShown:
    """Return a page of the warnings of an import."""
    warnings, has_more = await list_warnings(session, row, page, code)
    items = [list_warning(warning) for warning in warnings]
    return _rows(row, "warnings", row.warnings, items, _neighbours(page, items, has_more, code))


def _answer(request: Request, row: ContactImport, shown: RowsShown) -> Response:
    template = "imports/parts/rows.html" if is_script(request) else "imports/rows.html"
    return render(request, template, row=row, rows=shown)


@dataclass(frozen=True)
class _Neighbours:
    code: str | None
    previous: str | None
    following: str | None


def _rows(
    row: ContactImport,
    kind: str,
    codes: dict[str, int],
    items: Sequence[RowProblem],
    neighbours: _Neighbours,
) -> RowsShown:
    return RowsShown(
        import_id=row.id,
        kind=kind,
        codes=dict(sorted(codes.items(), key=lambda item: -item[1])),
        code=neighbours.code,
        items=items,
        previous=neighbours.previous,
        following=neighbours.following,
    )


def _neighbours(
    page: Page, items: Sequence[RowProblem], has_more: bool, code: str | None
) -> _Neighbours:
    """Return where the pages before and after this one begin."""
    if not items:
        return _Neighbours(code, None, None)
    is_first = page.after is None and (page.before is None or not has_more)
    is_last = page.before is None and not has_more
    before = None if is_first else _query(code, before=items[0].id)
    after = None if is_last else _query(code, after=items[-1].id)
    return _Neighbours(code, before, after)


def _query(code: str | None, **cursor: uuid.UUID) -> str:
    return urlencode({**({"code": code} if code else {}), **cursor})
