"""Another sheet of a workbook is read, without another upload."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.receive import new_key
from rollcall.imports.intake.receive import ReceivedFile
from rollcall.imports.intake.sheets import choose_sheet
from rollcall.imports.intake.upload import Shelf
from rollcall.imports.options import ImportOptions


@dataclass(frozen=True, kw_only=True)
class SheetFile:
    """The CSV of one sheet, stored under `object_key`."""

    object_key: str
    size: int
    crc32: int
    codec: str
    sheet: str

    def put_into(self, draft: ContactImportDraft) -> list[str]:
        """Have a locked draft read this; return the keys of files that nobody has then."""
        unused = [] if draft.is_begun else [draft.object_key]
        draft.object_key, draft.size, draft.crc32 = self.object_key, self.size, self.crc32
        draft.codec, draft.sheet, draft.is_begun = self.codec, self.sheet, False
        return unused


async def read_sheet(means: DraftMeans, draft: ContactImportDraft, name: str) -> SheetFile:
    """Store the CSV of a sheet of the workbook that a draft has.

    Raises:
        ValidationFailed: there is no sheet of this name, or it is damaged.
        PayloadTooLarge: it is too large when it is unpacked.
        FileNotFoundError, FileDamaged, StorageError: the workbook cannot be read.
    """
    assert draft.packed_key is not None
    await means.guard.require()
    shelf = Shelf(means.storage, new_key(draft.team_id), means.max_bytes)
    file = ReceivedFile(filename=draft.filename)
    converter = means.converter.of(draft.team_id)
    try:
        content = means.chunks(draft.packed_key)
        async with converter.spool(content) as packed, packed.open() as conversion:
            asked = ImportOptions(sheet=name)
            sheet = await asyncio.to_thread(choose_sheet, conversion.sheets or (), asked)
            await shelf.store(file, conversion.csv(sheet))
    except BaseException:
        await shelf.discard()
        raise
    return SheetFile(
        object_key=shelf.key,
        size=file.size,
        crc32=file.crc32,
        codec=file.evidence.encoding(),
        sheet=sheet.name,
    )
