"""The rows that are mended become a file and an import of their own."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import RollcallError
from rollcall.imports.failures.file import SUFFIXES
from rollcall.imports.intake.accept import StartedBy, create_import_row
from rollcall.imports.intake.receive import ReceivedFile
from rollcall.imports.intake.references import without_deleted
from rollcall.imports.mending.models import Mend, MendEdit, MendedRows
from rollcall.imports.mending.rows_gone import RowSet, from_text
from rollcall.imports.mending.store import lock_mend
from rollcall.imports.mending.work import Mending, MendingWork
from rollcall.imports.models import ContactImport
from rollcall.imports.options import OPTIONS, ImportOptions
from rollcall.storage.objects import Storage

log = structlog.get_logger(__name__)

MAX_NAME_CHARACTERS = 100


class ChangedMeanwhile(RollcallError):
    """The rows were changed meanwhile, perhaps in another window. Look at them again."""

    status = 409
    name = "changed_meanwhile"


class NothingMended(RollcallError):
    """No failed row is mended yet, so there is nothing to import again."""

    status = 409
    name = "nothing_mended"


@dataclass
class MendedFile:
    """CSV of mended rows on its way to the storage: what it measures, and which rows it has."""

    size: int = 0
    crc32: int = 0
    count: int = 0
    rows: str = ""
    _sha256: Any = field(default_factory=hashlib.sha256)

    async def chunks(self, work: MendingWork, mending: Mending) -> AsyncIterator[bytes]:
        """Yield the file."""
        async for answer in work.write(mending, "mended"):
            if answer.data:
                self.size += len(answer.data)
                self.crc32 = zlib.crc32(answer.data, self.crc32)
                self._sha256.update(answer.data)
                yield answer.data
            if answer.said is not None:
                self.count, self.rows = answer.said["count"], answer.said["rows"]

    def received(self, filename: str | None) -> ReceivedFile:
        """Return it as if it had been uploaded."""
        return ReceivedFile(
            filename=filename, size=self.size, crc32=self.crc32, sha256=self._sha256.digest()
        )


async def import_again(
    session: AsyncSession,
    work: MendingWork,
    storage: Storage,
    mending: Mending,
    by: StartedBy,
) -> tuple[uuid.UUID, bool]:
    """Write the mended rows and add their import, and commit.

    Returns:
        The id of the import, and whether it is new: of several at the same time, one is made.

    Raises:
        NothingMended: there are no such rows.
        ChangedMeanwhile: something else was said of them while they were written.
        ValidationFailed: a property is defined with another type by now.
    """
    key = f"{by.team_id}/{uuid.uuid4()}"
    file = MendedFile()
    await storage.put(key, file.chunks(work, mending))
    try:
        if not file.count:
            raise NothingMended
        into, is_new = await _add(session, mending, by, key, file)
        # What fails until here was certainly not recorded, and the file goes again.
        await session.flush()
    except BaseException:
        await _discard(storage, key)
        raise
    if not is_new:
        await _discard(storage, key)
    # A commit whose answer is lost may have happened all the same, so the file stays.
    await session.commit()
    return into, is_new


async def _add(
    session: AsyncSession, mending: Mending, by: StartedBy, key: str, file: MendedFile
) -> tuple[uuid.UUID, bool]:
    found, change = mending.found, mending.mend.changes
    mend = await lock_mend(session, found)
    if mend.changes != change:
        into = await into_after(session, found, change)
        if into is None:
            raise ChangedMeanwhile
        return into, False
    options = await without_deleted(session, by.team_id, same_options(found))
    received = file.received(mended_name(found.filename))
    dialect = mending.layout.dialect()
    row = await create_import_row(session, by, key, received, dialect, options)
    await note_gone(session, mend, row.id, file.count, from_text(file.rows))
    return row.id, True


async def into_after(session: AsyncSession, found: ContactImport, change: int) -> uuid.UUID | None:
    """Return the import into which rows went after a change, if they did."""
    query = select(MendedRows.into).where(
        MendedRows.team_id == found.team_id,
        MendedRows.import_id == found.id,
        MendedRows.change == change,
    )
    into: uuid.UUID | None = await session.scalar(query)
    return into


async def note_gone(
    session: AsyncSession, mend: Mend, into: uuid.UUID, count: int, rows: bytes
) -> None:
    """Note that rows went into another import: they are no longer offered, nor are their edits."""
    of_import = {"team_id": mend.team_id, "import_id": mend.import_id}
    session.add(MendedRows(**of_import, change=mend.changes, into=into, count=count, rows=rows))
    mend.changes += 1
    where = MendEdit.team_id == mend.team_id, MendEdit.import_id == mend.import_id
    edited = select(MendEdit.row).where(*where).distinct().order_by(MendEdit.row)
    gone = RowSet([rows])
    over = [row for row in await session.scalars(edited) if gone.has(row)]
    if over:
        await session.execute(delete(MendEdit).where(*where, MendEdit.row.in_(over)))


def same_options(found: ContactImport) -> ImportOptions:
    """Return the options of an import without what was said of its file."""
    of_file = {name: None for name, option in OPTIONS.items() if option.field.of_file}
    return replace(ImportOptions.from_row(found), **of_file, note=None)  # type: ignore[arg-type]


def mended_name(filename: str | None) -> str:
    """Return the name of the file of mended rows."""
    stem = SUFFIXES.sub("", PurePosixPath((filename or "").replace("\\", "/")).name)
    stem = stem.removesuffix("-mended").strip(" .")[:MAX_NAME_CHARACTERS]
    return f"{stem or 'import'}-mended.csv"


async def _discard(storage: Storage, key: str) -> None:
    """Delete a file that is not wanted; what cannot be deleted is left to the collector."""
    try:
        await storage.delete(key)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is another matter)
        log.error("a file of mended rows could not be deleted", key=key, error=repr(error))
