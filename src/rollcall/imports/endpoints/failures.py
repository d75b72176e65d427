"""`/contacts/imports/{import_id}`: failures, the failures file, warnings."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.imports.endpoints.parameters import ImportId
from rollcall.imports.failures.download import download_rows, require_problems
from rollcall.imports.failures.file import RowsWanted
from rollcall.imports.failures.lists import list_failures, list_warnings
from rollcall.imports.issues import FailureCode, WarningCode
from rollcall.imports.models import ContactImport
from rollcall.imports.outcomes.rows import CREATED, UPDATED, require_rows
from rollcall.imports.queries import find_import
from rollcall.imports.schemas import FailureListed, WarningListed, list_failure, list_warning
from rollcall.web.csv_response import CsvResponse
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import ListOf, parse_id

router = team_router("/contacts/imports/{import_id}", "imports")

# The framework would otherwise describe errors as CSV too.
CSV_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows that failed",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "Email,Plan,import_row,import_error\r\n"
                'ada@example,pro,2,"""ada@example"" in column ""Email"" is not …"\r\n',
            }
        },
    }
}

ROWS_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "Email,Plan,import_row\r\nada@example.com,pro,2\r\n",
            }
        },
    }
}

# Read as text, so that the lists answer for what is no code.
FailureText = Annotated[str | None, WithJsonSchema({"type": "string", "enum": list(FailureCode)})]
WarningText = Annotated[str | None, WithJsonSchema({"type": "string", "enum": list(WarningCode)})]


@router.get("/failures", responses=documented(404))
async def get_failures(
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    code: Annotated[FailureText, Query(description="Only failures of this code.")] = None,
) -> ListOf[FailureListed]:
    """List the rows that were not imported, in the order of the file."""
    found = await _find(session, team_id, import_id)
    rows, has_more = await list_failures(session, found, page, code)
    return ListOf(has_more=has_more, data=[list_failure(row) for row in rows])


@router.get("/warnings", responses=documented(404))
async def get_warnings(
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    code: Annotated[WarningText, Query(description="Only warnings of this code.")] = None,
) -> ListOf[WarningListed]:
    """List what deserves a look although it did not fail, in the order of the file."""
    found = await _find(session, team_id, import_id)
    rows, has_more = await list_warnings(session, found, page, code)
    return ListOf(has_more=has_more, data=[list_warning(row) for row in rows])


@router.get("/failures.csv", response_class=Response, responses={**CSV_FILE, **documented(404)})
async def download_failures(
    import_id: ImportId, team_id: CurrentTeam, session: SessionDep, request: Request
) -> CsvResponse:
    """Download the rows that were not imported, with their original cells and the reasons.

    Correct the cells and upload the file with the same `column_map`: the two columns at its end,
    `import_row` and `import_error`, are not read.
    """
    found = await _find(session, team_id, import_id)
    # However long the storage takes, other requests have the connection meanwhile.
    await session.close()
    return await download_rows(request.app.state, found)


@router.get("/created.csv", response_class=Response, responses={**ROWS_FILE, **documented(404)})
async def download_created(
    import_id: ImportId, team_id: CurrentTeam, session: SessionDep, request: Request
) -> CsvResponse:
    """Download the rows that have created a contact, with their original cells and `import_row`."""
    return await _download(request, session, team_id, import_id, CREATED)


@router.get("/updated.csv", response_class=Response, responses={**ROWS_FILE, **documented(404)})
async def download_updated(
    import_id: ImportId, team_id: CurrentTeam, session: SessionDep, request: Request
) -> CsvResponse:
    """Download the rows that have updated a contact, with their original cells and `import_row`.

    As in `counts`, those are among them that had nothing to change.
    """
    return await _download(request, session, team_id, import_id, UPDATED)


async def _download(
    request: Request, session: AsyncSession, team_id: uuid.UUID, import_id: str, wanted: RowsWanted
) -> CsvResponse:
    found = await find_import(session, team_id, parse_id(import_id, "id"))
    await require_rows(session, found)
    await session.close()
    return await download_rows(request.app.state, found, wanted)


async def _find(session: AsyncSession, team_id: uuid.UUID, import_id: str) -> ContactImport:
    found = await find_import(session, team_id, parse_id(import_id, "id"))
    require_problems(found)
    return found
