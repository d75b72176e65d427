"""Uploaded files: one object store behind a URL, `file:///…` or `s3://…`."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import from_url

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

# The smallest part that S3 takes; a folder has no such limit, and a part is held in memory.
S3_PART_SIZE = 5 * 1024 * 1024
FOLDER_PART_SIZE = 512 * 1024
READ_SIZE = 1024 * 1024
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What an object in a folder is called until it is complete.
UNFINISHED = re.compile(rf"{_ID}#\d+")


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object as a list has it: its size in bytes, and when it was written."""

    key: str
    size: int
    modified: datetime


class Storage:
    """The files of all imports; keys are `{team_id}/{id}`, the id being of the upload."""

    def __init__(self, url: str):
        self._folder: Path | None = None
        self._part_size = S3_PART_SIZE
        if url.startswith("file://"):
            self._store: ObjectStore = from_url(url, mkdir=True, automatic_cleanup=True)
            self._folder = Path(unquote(urlsplit(url).path))
            self._part_size = FOLDER_PART_SIZE
        else:
            self._store = from_url(url)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store a stream under a key, in parts: all of it or, when `chunks` raises, nothing.

        What was stored outlives a loss of power.
        """
        await obstore.put_async(
            self._store,
            key,
            chunks,
            use_multipart=True,
            chunk_size=self._part_size,
            max_concurrency=1,
        )
        if self._folder:
            await asyncio.to_thread(_sync, self._folder / key)

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is fine."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def list_pages(self, page: int) -> AsyncIterator[list[StoredObject]]:
        """Yield all complete objects, whatever their keys, `page` of them at a time."""
        async for objects in obstore.list(self._store, chunk_size=page):
            yield [
                StoredObject(key=each["path"], size=each["size"], modified=each["last_modified"])
                for each in objects
            ]

    def delete_unfinished(self, written_before: datetime) -> list[StoredObject]:
        """Delete what processes that died while they stored something have left in a folder.

        A bucket keeps that out of sight, and has a rule of its own for its removal.

        Returns:
            What was deleted, under the keys that it would have had.
        """
        if self._folder is None:
            return []
        deleted = []
        for path in self._folder.glob("*/*#*"):
            if not UNFINISHED.fullmatch(path.name):
                continue
            # An upload that is just completed or given up takes its file away.
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                modified = datetime.fromtimestamp(found.st_mtime, UTC)
                if modified < written_before:
                    path.unlink()
                    key = f"{path.parent.name}/{path.name.partition('#')[0]}"
                    deleted.append(StoredObject(key=key, size=found.st_size, modified=modified))
        return deleted

    def open(self, key: str, offset: int = 0) -> io.BufferedReader:
        """Open an object for reading as a stream from a byte on, from a thread.

        Raises:
            FileNotFoundError: there is no object under this key.
        """
        options: GetOptions = {"range": {"offset": offset}} if offset else {}
        result = obstore.get(self._store, key, options=options)
        chunks = (bytes(chunk) for chunk in result.stream(min_chunk_size=READ_SIZE))
        return io.BufferedReader(_ChunkReader(chunks), buffer_size=READ_SIZE)

    async def exists(self, key: str) -> bool:
        """Tell whether there is an object under a key."""
        try:
            await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def check(self) -> None:
        """Raise when the store cannot be reached."""
        await self.exists("readiness-probe")


def _sync(path: Path) -> None:
    """Have a file and its name on the disk, which a folder's store leaves to the system."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _ChunkReader(io.RawIOBase):
    """A raw file over an iterator of byte chunks."""

    def __init__(self, chunks: Iterator[bytes]):
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Let go of the object at once, whoever may still hold this file."""
        self._chunks = iter(())
        self._rest = memoryview(b"")
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
