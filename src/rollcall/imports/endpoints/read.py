"""`/contacts/imports`: list, get."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import WithJsonSchema

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.errors import ValidationFailed
from rollcall.imports import queries
from rollcall.imports.endpoints.parameters import ImportId
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.schemas import (
    ImportListed,
    ImportShown,
    list_import,
    show_import,
)
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf10
from rollcall.web.session import SessionDep
from rollcall.web.wire import ListOf, parse_id

# Read as text, so that `_read_status` answers for what is no status.
StatusText = Annotated[str | None, WithJsonSchema({"type": "string", "enum": list(ImportStatus)})]

router = team_router("/contacts/imports", "imports")


@router.get("")
async def list_imports(
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf10,
    status: Annotated[StatusText, Query(description="Only imports in this status.")] = None,
) -> ListOf[ImportListed]:
    """List imports, newest first."""
    wanted = None if status is None else _read_status(status)
    rows, has_more = await queries.list_imports(session, team_id, page, wanted)
    return ListOf(has_more=has_more, data=[list_import(row) for row in rows])


@router.get("/{import_id}", responses=documented(404))
async def get_import(import_id: ImportId, team_id: CurrentTeam, session: SessionDep) -> ImportShown:
    """Show an import with its counts and what has failed for which reason, live while it runs."""
    return show_import(await queries.find_import(session, team_id, parse_id(import_id, "id")))


def _read_status(value: str) -> ImportStatus:
    try:
        return ImportStatus(value)
    except ValueError:
        allowed = ", ".join(ImportStatus)
        raise ValidationFailed(f"Invalid `status`: it must be one of {allowed}.") from None
