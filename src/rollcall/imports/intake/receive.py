"""A multipart stream becomes a file, for somebody to take, and the fields that came with it.

The file is taken as it arrives, so that no more than a few buffers of it are in memory, and what is
taken is always CSV: what streams is unpacked in passing, a zip or a workbook when the form is
complete, for its fields say which sheet is meant.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

from fastapi import Request

from rollcall.errors import MissingField, PayloadTooLarge, ValidationFailed
from rollcall.imports.formats.convert import PackedFile, TeamConverter
from rollcall.imports.formats.heads import SheetHead
from rollcall.imports.formats.open_file import open_file
from rollcall.imports.intake.form import read_options
from rollcall.imports.intake.lookalikes import how_to_send, refuse_lookalike
from rollcall.imports.intake.multipart import Event, PartBegin, PartData, PartEnd, read_multipart
from rollcall.imports.intake.sheets import choose_sheet
from rollcall.imports.kinds import AutomaticMap
from rollcall.imports.options import OPTIONS, ImportOptions
from rollcall.imports.reading.encoding import HEAD_BYTES
from rollcall.imports.reading.evidence import Evidence
from rollcall.web.bodies import declared_length

MAX_FIELD_BYTES = 1024 * 1024
# What a body may have besides its file.
MAX_OVERHEAD_BYTES = 8 * 1024 * 1024


@dataclass(kw_only=True)
class ReceivedFile:
    """The file of a form, and what is known of it.

    `size`, `crc32`, `head` (its first bytes) and `evidence` (of its encoding) are of the CSV as far
    as it was taken, `filename`, `sent_size` and `sha256` of the file as it was sent. `sheet` is the
    name of the one that was read of a workbook, and None where it was none; `sheets` are all that
    it has. `is_whole` tells whether all of it was taken.
    """

    filename: str | None
    size: int = 0
    crc32: int = 0
    sha256: bytes = b""
    head: bytearray = field(default_factory=bytearray)
    evidence: Evidence = field(default_factory=Evidence)
    sheet: str | None = None
    sheets: tuple[SheetHead, ...] = ()
    sent_size: int = 0
    is_whole: bool = True

    def measure(self, data: bytes) -> None:
        """Note the next bytes of the CSV."""
        self.size += len(data)
        self.crc32 = zlib.crc32(data, self.crc32)
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        self.evidence.feed(data)


@dataclass(frozen=True, kw_only=True)
class ReceivedForm:
    """A complete form: its file, and what its fields ask for."""

    file: ReceivedFile
    options: ImportOptions


Take = Callable[[ReceivedFile, AsyncIterator[bytes]], Awaitable[None]]
Keep = Callable[[AsyncIterator[bytes]], Awaitable[None]]


async def receive_form(
    request: Request,
    converter: TeamConverter,
    max_file_bytes: int,
    take: Take,
    column_map: AutomaticMap | None = None,
    keep: Keep | None = None,
) -> ReceivedForm:
    """Read a multipart form; the fields may come before or after the file.

    Args:
        request: whose body it is.
        converter: what unpacks for the team.
        max_file_bytes: how large the file may be, as it is sent.
        take: is given the file and its CSV, of which it need not take all.
        column_map: takes the place of what the form says.
        keep: is given a workbook as it was sent, when its CSV has been taken.

    Raises:
        ValidationFailed, MissingField: the form is not as it should be.
        PayloadTooLarge: the file is larger than it may be.
    """
    receiver = _Receiver(converter, max_file_bytes, take, keep)
    return await receiver.receive(request, column_map)


class _Receiver:
    """Takes in one form."""

    def __init__(
        self, converter: TeamConverter, max_file_bytes: int, take: Take, keep: Keep | None
    ):
        self._converter = converter
        self._max_file_bytes = max_file_bytes
        self._take = take
        self._keep = keep
        self._fields: dict[str, str] = {}
        self._packed: PackedFile | None = None
        self._file: ReceivedFile | None = None

    async def receive(self, request: Request, column_map: AutomaticMap | None) -> ReceivedForm:
        max_bytes = self._max_file_bytes + MAX_OVERHEAD_BYTES
        if declared_length(request) > max_bytes:
            raise too_large(self._max_file_bytes)
        content_type = request.headers.get("content-type")
        events = read_multipart(content_type, request.stream(), max_bytes)
        async with contextlib.AsyncExitStack() as opened, contextlib.aclosing(events):
            async for event in events:
                assert isinstance(event, PartBegin)
                await self._receive_part(event, events, opened)
            if self._file is None:
                raise MissingField("file")
            options = read_options(self._fields)
            if column_map is not None:
                options = replace(options, column_map=column_map)
            if self._packed is not None:
                await self._convert(self._packed, self._file, options)
        return ReceivedForm(file=self._file, options=options)

    async def _receive_part(
        self, part: PartBegin, events: AsyncIterator[Event], opened: contextlib.AsyncExitStack
    ) -> None:
        if part.name == "file":
            await self._receive_file(part, events, opened)
        elif part.name in OPTIONS:
            await self._receive_field(part.name, events)
        else:
            refuse_lookalike(part.name, ("file", *OPTIONS))
            async for _ in _content(events):
                pass

    async def _receive_field(self, name: str, events: AsyncIterator[Event]) -> None:
        if name in self._fields:
            raise ValidationFailed(f"The `{name}` field is there twice. {how_to_send(name)}")
        content = b""
        async for data in _content(events):
            content += data
            if len(content) > MAX_FIELD_BYTES:
                raise ValidationFailed(f"The `{name}` field is larger than 1 MiB.")
        try:
            self._fields[name] = content.decode()
        except UnicodeDecodeError:
            raise ValidationFailed(f"The `{name}` field is not valid UTF-8.") from None

    async def _receive_file(
        self, part: PartBegin, events: AsyncIterator[Event], opened: contextlib.AsyncExitStack
    ) -> None:
        if self._file is not None:
            raise ValidationFailed("The `file` field is there twice; one import takes one file.")
        self._file = ReceivedFile(filename=(part.filename or "").replace("\0", "") or None)
        sent = _Sent(_content(events), self._max_file_bytes)
        content = await opened.enter_async_context(open_file(sent.chunks(), self._converter))
        if isinstance(content, PackedFile):
            self._packed = content
        else:
            await self._take(self._file, content.chunks)
            await sent.drain()
        self._file.sha256, self._file.sent_size = sent.sha256, sent.size

    async def _convert(
        self, packed: PackedFile, file: ReceivedFile, options: ImportOptions
    ) -> None:
        async with packed.open() as conversion:
            sheet = None
            if conversion.sheets is not None:
                # It may have to read the heads of many sheets, and of wide ones.
                sheet = await asyncio.to_thread(choose_sheet, conversion.sheets, options)
                file.sheet, file.sheets = sheet.name, conversion.sheets
            await self._take(file, conversion.csv(sheet))
        if file.sheets and self._keep is not None:
            await self._keep(packed.chunks())


class _Sent:
    """The file's content as it was sent, measured as it passes."""

    def __init__(self, content: AsyncIterator[bytes], max_bytes: int):
        self._content = content
        self._max_bytes = max_bytes
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._has_ended = False

    async def chunks(self) -> AsyncIterator[bytes]:
        async for data in self._content:
            self.size += len(data)
            if self.size > self._max_bytes:
                raise too_large(self._max_bytes)
            self._sha256.update(data)
            yield data
        self._has_ended = True

    async def drain(self) -> None:
        """Read what nobody wanted to have, to where the part ends."""
        if not self._has_ended:
            async for _ in self.chunks():
                pass

    @property
    def sha256(self) -> bytes:
        return self._sha256.digest()


def too_large(max_bytes: int, condition: str = "") -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The `file` is larger than the {max_bytes} bytes that this server accepts{condition}."
    )


async def _content(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """Yield the content of the part that has just begun."""
    async for event in events:
        if isinstance(event, PartEnd):
            return
        assert isinstance(event, PartData)
        yield event.data
