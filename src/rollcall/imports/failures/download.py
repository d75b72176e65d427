"""A file of an import's rows as the answer to whoever asks for it."""

from __future__ import annotations

from starlette.datastructures import State

from rollcall.errors import NotFound
from rollcall.imports.failures.file import FAILED, RowsWanted, content_disposition
from rollcall.imports.models import ContactImport
from rollcall.web.csv_response import CsvResponse


class FileGone(NotFound):
    """The uploaded file of this import is no longer in the storage."""


class FileChanged(NotFound):
    """The stored file of this import is no longer what was uploaded: its rows cannot be shown."""


class ProblemsGone(NotFound):
    """The failed rows and warnings of this import were deleted: the time they are kept is over."""


def require_problems(found: ContactImport) -> None:
    """Return if an import still has its failed rows and warnings.

    Raises:
        ProblemsGone: its counts alone still tell of them, so an empty list would be a lie.
    """
    if found.problems_deleted_at is not None:
        raise ProblemsGone


async def download_rows(
    state: State, found: ContactImport, wanted: RowsWanted = FAILED
) -> CsvResponse:
    """Return rows of an import as they stood in the upload.

    Args:
        state: of the app.
        found: the import; however long the storage takes, its session should be closed meanwhile.
        wanted: the rows.

    Raises:
        FileGone, FileChanged: they cannot be read any more.
    """
    size = await state.storage.size(found.object_key)
    if size is None:
        # It may be there again with the volume that it is on.
        await state.storage_guard.require()
        raise FileGone
    if size != found.size:
        raise FileChanged
    return CsvResponse(
        state.failures_files.stream(found, wanted),
        headers={"content-disposition": content_disposition(found.filename, wanted.name)},
    )
