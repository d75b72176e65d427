"""`/contacts/imports/{import_id}`: failures, the failures file, warnings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Message, Send

from rollcall.auth import CurrentTeam, team_router
from rollcall.db import SessionDep
from rollcall.error_answers import documented
from rollcall.errors import NotFound
from rollcall.imports.failures import find_import, list_failures, list_warnings
from rollcall.imports.failures_file import content_disposition
from rollcall.imports.reasons import FAILURES, WARNINGS
from rollcall.imports.schemas import FailureListed, WarningListed, list_failure, list_warning
from rollcall.pagination import PageOf20
from rollcall.wire import IdText, ListOf, parse_id

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

# A client that takes nothing for so long gives way to those who wait for their file.
STALLED_SECONDS = 60.0

ImportId = Annotated[IdText, Path(description="The import's id.")]


class FileGone(NotFound):
    """The uploaded file of this import is no longer in the storage."""


class CsvResponse(StreamingResponse):
    """A CSV file; what it is made from is let go of as soon as the client has gone."""

    media_type = "text/csv"

    async def stream_response(self, send: Send) -> None:
        blocks = self.body_iterator
        assert isinstance(blocks, AsyncGenerator)

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        # The framework drops what it was iterating over, and leaves the rest to the collector.
        async with contextlib.aclosing(blocks):
            await super().stream_response(send_in_time)


@router.get("/failures", responses=documented(404))
async def get_failures(
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    code: Annotated[
        str | None, Query(description=f"Only failures of this code: {', '.join(FAILURES)}.")
    ] = None,
) -> ListOf[FailureListed]:
    """List the rows that were not imported, in the order of the file."""
    found = await find_import(session, team_id, parse_id(import_id, "id"))
    rows, has_more = await list_failures(session, found, page, code)
    return ListOf(has_more=has_more, data=[list_failure(row) for row in rows])


@router.get("/warnings", responses=documented(404))
async def get_warnings(
    import_id: ImportId,
    team_id: CurrentTeam,
    session: SessionDep,
    page: PageOf20,
    code: Annotated[
        str | None, Query(description=f"Only warnings of this code: {', '.join(WARNINGS)}.")
    ] = None,
) -> ListOf[WarningListed]:
    """List what deserves a look although it did not fail, in the order of the file."""
    found = await find_import(session, team_id, parse_id(import_id, "id"))
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
    found = await find_import(session, team_id, parse_id(import_id, "id"))
    state = request.app.state
    if not await state.storage.exists(found.object_key):
        raise FileGone
    return CsvResponse(
        state.failures_files.stream(found),
        headers={"content-disposition": content_disposition(found.filename)},
    )
