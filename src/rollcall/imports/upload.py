"""Step 1: a multipart stream becomes a stored file and the fields that came with it.

The file goes to the storage as it arrives, unpacked where it is packed, so that what is stored is
always CSV; no more than a few buffers of it are in memory. What is rejected, broken off or too
large leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import Request

from rollcall.errors import MissingField, PayloadTooLarge, ValidationFailed
from rollcall.imports.encoding import HEAD_BYTES
from rollcall.imports.formats.convert import TeamConverter
from rollcall.imports.formats.csv_stream import open_csv
from rollcall.imports.multipart import Event, PartBegin, PartData, PartEnd, read_multipart
from rollcall.storage import Storage

FIELDS = ("column_map", "on_conflict", "resubscribe", "dry_run", "segments", "topics")
MAX_FIELD_BYTES = 1024 * 1024
# What a body may have besides its file.
MAX_OVERHEAD_BYTES = 8 * 1024 * 1024


@dataclass(kw_only=True)
class StoredFile:
    """The file of an upload: where it is, and what is known of it.

    `size`, `head` (its first bytes) and `delimiter` (None: unknown) are of the CSV that is stored,
    `filename` and `sha256` of the file as it was sent.
    """

    key: str
    filename: str | None
    size: int = 0
    sha256: bytes = b""
    head: bytes = b""
    delimiter: str | None = None


@dataclass(kw_only=True)
class Upload:
    """A complete upload: the stored file and the text fields."""

    file: StoredFile
    fields: dict[str, str] = field(default_factory=dict)


@contextlib.asynccontextmanager
async def receive_upload(
    request: Request, storage: Storage, converter: TeamConverter, key: str, max_file_bytes: int
) -> AsyncIterator[Upload]:
    """Store the file of a multipart request; the fields may come before or after it.

    The file is deleted again when the block of this context raises.

    Raises:
        ValidationFailed, MissingField: the form is not as it should be.
        PayloadTooLarge: the file is larger than `max_file_bytes`, as it was sent or unpacked.
    """
    receiver = _Receiver(storage, converter, key, max_file_bytes)
    try:
        yield await receiver.receive(request)
    except BaseException:
        if receiver.file is not None:
            await storage.delete(key)
        raise


class _Receiver:
    """Takes in one form."""

    def __init__(self, storage: Storage, converter: TeamConverter, key: str, max_file_bytes: int):
        self._storage = storage
        self._converter = converter
        self._key = key
        self._max_file_bytes = max_file_bytes
        self._fields: dict[str, str] = {}
        self.file: StoredFile | None = None

    async def receive(self, request: Request) -> Upload:
        max_bytes = self._max_file_bytes + MAX_OVERHEAD_BYTES
        if int(request.headers.get("content-length", "0")) > max_bytes:
            raise _too_large(self._max_file_bytes)
        content_type = request.headers.get("content-type")
        events = read_multipart(content_type, request.stream(), max_bytes)
        async with contextlib.aclosing(events):
            async for event in events:
                assert isinstance(event, PartBegin)
                await self._receive_part(event, events)
        if self.file is None:
            raise MissingField("file")
        return Upload(file=self.file, fields=self._fields)

    async def _receive_part(self, part: PartBegin, events: AsyncIterator[Event]) -> None:
        if part.name == "file":
            await self._receive_file(part, events)
        elif part.name in FIELDS:
            await self._receive_field(part.name, events)
        else:
            async for _ in _content(events):
                pass

    async def _receive_field(self, name: str, events: AsyncIterator[Event]) -> None:
        if name in self._fields:
            raise ValidationFailed(f"The `{name}` field is there twice.")
        content = b""
        async for data in _content(events):
            content += data
            if len(content) > MAX_FIELD_BYTES:
                raise ValidationFailed(f"The `{name}` field is larger than 1 MiB.")
        try:
            self._fields[name] = content.decode()
        except UnicodeDecodeError:
            raise ValidationFailed(f"The `{name}` field is not valid UTF-8.") from None

    async def _receive_file(self, part: PartBegin, events: AsyncIterator[Event]) -> None:
        if self.file is not None:
            raise ValidationFailed("The `file` field is there twice; one import takes one file.")
        self.file = StoredFile(
            key=self._key, filename=(part.filename or "").replace("\0", "") or None
        )
        sent = _Sent(_content(events), self._max_file_bytes)
        async with open_csv(sent.chunks(), self._converter) as csv:
            self.file.delimiter = csv.delimiter
            await self._store(self.file, csv.chunks)
        self.file.sha256 = sent.sha256

    async def _store(self, file: StoredFile, csv: AsyncIterator[bytes]) -> None:
        stream = _StoredStream(file, csv, self._max_file_bytes)
        try:
            await self._storage.put(self._key, stream.chunks())
        except BaseException as error:  # noqa: BLE001  (raised again, or what caused it is)
            # The storage wraps what its input raises; what matters is why the input ended.
            raise stream.error or error from None


class _Sent:
    """The file's content as it was sent, measured as it passes."""

    def __init__(self, content: AsyncIterator[bytes], max_bytes: int):
        self._content = content
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256()

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._content:
            size += len(data)
            if size > self._max_bytes:
                raise _too_large(self._max_bytes)
            self._sha256.update(data)
            yield data

    @property
    def sha256(self) -> bytes:
        return self._sha256.digest()


class _StoredStream:
    """The file's content on its way to the storage, measured as it passes."""

    def __init__(self, file: StoredFile, csv: AsyncIterator[bytes], max_bytes: int):
        self._file = file
        self._csv = csv
        self._max_bytes = max_bytes
        self._head = bytearray()
        self.error: BaseException | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._csv:
                self._measure(data)
                yield data
        except BaseException as error:
            self.error = error
            raise
        self._file.head = bytes(self._head)

    def _measure(self, data: bytes) -> None:
        self._file.size += len(data)
        if self._file.size > self._max_bytes:
            raise _too_large(self._max_bytes, " when it is unpacked")
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]


def _too_large(max_bytes: int, condition: str = "") -> PayloadTooLarge:
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
