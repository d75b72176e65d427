"""An upload becomes the stored files of a draft."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.drafts.choices import Choices
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.intake.receive import ReceivedFile, receive_form
from rollcall.imports.intake.upload import Shelf
from rollcall.imports.kinds import AutomaticMap


@dataclass(frozen=True, kw_only=True)
class DraftFile:
    """A stored CSV, and the workbook that it was made of; see `ContactImportDraft`."""

    object_key: str
    packed_key: str | None = None
    filename: str | None
    sent_size: int
    sha256: bytes
    size: int
    crc32: int
    codec: str
    sheet: str | None = None
    sheets: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, file: ReceivedFile, key: str, packed_key: str | None) -> DraftFile:
        """Return what was received, under the keys that it was stored under."""
        return cls(
            object_key=key,
            packed_key=packed_key if file.sheets else None,
            filename=file.filename,
            sent_size=file.sent_size,
            sha256=file.sha256,
            size=file.size,
            crc32=file.crc32,
            codec=file.evidence.encoding(complete=file.is_whole),
            sheet=file.sheet,
            sheets=tuple(
                {"name": sheet.name, "is_hidden": sheet.number is None} for sheet in file.sheets
            ),
        )


@contextlib.asynccontextmanager
async def receive_draft(
    request: Request, team_id: uuid.UUID, means: DraftMeans
) -> AsyncIterator[DraftFile]:
    """Store the file of a multipart request, and a workbook besides as it was sent.

    The files are deleted again when the block of this context raises.

    Raises:
        ValidationFailed, MissingField: the form or the file is not as it should be.
        PayloadTooLarge: the file is larger than it may be, as it was sent or unpacked.
        StorageError: it cannot be stored.
    """
    await means.guard.require()
    csv = Shelf(means.storage, new_key(team_id), means.max_bytes)
    packed = Shelf(means.storage, new_key(team_id), means.max_bytes)
    converter = means.converter.of(team_id)
    try:
        form = await receive_form(
            request, converter, means.max_bytes, csv.store, AutomaticMap.AUTO, packed.keep
        )
        # A volume that was taken away meanwhile has left a folder that takes files all the same.
        await means.guard.require()
        yield DraftFile.of(form.file, csv.key, packed.key)
    except BaseException:
        await csv.discard()
        await packed.discard()
        raise


def new_key(team_id: uuid.UUID) -> str:
    """Return a key of the storage for a file of a team."""
    return f"{team_id}/{uuid.uuid4()}"


async def add_draft(
    session: AsyncSession,
    team_id: uuid.UUID,
    file: DraftFile,
    *,
    choices: Choices | None = None,
    api_key_id: uuid.UUID | None = None,
    mended_from: uuid.UUID | None = None,
) -> ContactImportDraft:
    """Add a draft of a stored file, without a commit.

    Args:
        session: to add it to.
        team_id: whose it is.
        file: that is stored.
        choices: what is said of it already; see `choices_of`.
        api_key_id: the key of whoever makes it.
        mended_from: the import whose rows the file has, where it is made of one.
    """
    draft = ContactImportDraft(
        team_id=team_id,
        api_key_id=api_key_id,
        mended_from=mended_from,
        choices=(choices or Choices()).model_dump(mode="json"),
        sheets=list(file.sheets),
        **{name: value for name, value in vars(file).items() if name != "sheets"},
    )
    session.add(draft)
    await session.flush()
    return draft
