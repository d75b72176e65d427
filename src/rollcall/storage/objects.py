"""Uploaded files: one object store behind a URL, `file:///…` or `s3://…`."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import from_url

from rollcall.storage.bucket import open_bucket
from rollcall.storage.deadlines import ANSWER_SECONDS, STALLED_SECONDS, WatchedStream, in_time
from rollcall.storage.stored_file import (
    ANYTHING,
    READ_SIZE,
    BucketSource,
    Expected,
    FolderSource,
    StorageError,
    StoredFile,
    WaitClock,
    storage_errors,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# The smallest part that S3 takes; a folder has no such limit, and a part is held in memory.
S3_PART_SIZE = 5 * 1024 * 1024
FOLDER_PART_SIZE = 512 * 1024
# Where markers are; see `storage_guard`.
MARKERS = ".rollcall"
MARKER_PREFIX = "storage-"
MARKER_TEXT = b"By this name, Rollcall's database knows the storage. Move it with the files.\n"
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MARKER = re.compile(rf"{re.escape(MARKERS)}/{MARKER_PREFIX}({_ID})")
# What an object in a folder is called until it is complete.
UNFINISHED = re.compile(rf"{_ID}#\d+")


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object as a list has it: its size in bytes, and when it was written."""

    key: str
    size: int
    modified: datetime


class Storage:
    """The files of all imports; keys are `{team_id}/{id}`, the id being of the upload.

    Nothing is looked at, and no folder made, before something is asked for.
    """

    def __init__(self, url: str):
        self._url = url
        self._folder: Path | None = None
        self._part_size = S3_PART_SIZE
        if url.startswith("file://"):
            self._folder = Path(unquote(urlsplit(url).path))
            self._part_size = FOLDER_PART_SIZE

    @cached_property
    def _store(self) -> ObjectStore:
        if self._folder:
            return from_url(self._url, mkdir=True, automatic_cleanup=True)
        return open_bucket(self._url)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store a stream under a key, in parts: all of it or, when `chunks` raises, nothing.

        What was stored outlives a loss of power.

        Raises:
            StorageError: it cannot be stored now, or the storage takes no more of it.
        """
        stream = WatchedStream(chunks)
        try:
            async with in_time(STALLED_SECONDS) as stream.limit:
                with storage_errors():
                    await obstore.put_async(
                        self._store,
                        key,
                        stream.chunks(),
                        use_multipart=True,
                        chunk_size=self._part_size,
                        max_concurrency=1,
                    )
                    if self._folder:
                        await asyncio.to_thread(_sync, self._folder / key)
        except StorageError:
            if stream.error is not None:
                raise stream.error from None
            raise

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is fine.

        Raises:
            StorageError: the storage cannot be reached, does not answer, or refuses.
        """
        try:
            async with in_time(ANSWER_SECONDS):
                with storage_errors():
                    await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def list_pages(self, page: int) -> AsyncIterator[list[StoredObject]]:
        """Yield all complete objects but markers, whatever their keys, `page` of them at a time."""
        async for objects in obstore.list(self._store, chunk_size=page):
            yield [
                StoredObject(key=each["path"], size=each["size"], modified=each["last_modified"])
                for each in objects
                if not each["path"].startswith(f"{MARKERS}/")
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

    def open(
        self,
        key: str,
        offset: int = 0,
        expected: Expected = ANYTHING,
        clock: WaitClock | None = None,
    ) -> io.BufferedReader:
        """Open an object for reading as a stream from a byte on, from a thread.

        Reading raises like opening, and besides FileDamaged at the end of what is not as expected.

        Args:
            key: of the object.
            offset: the byte to begin with.
            expected: what was stored; its size now, where nothing is said of that.
            clock: runs while the storage is waited for.

        Raises:
            FileNotFoundError: there is no object under this key.
            FileDamaged: it has another size.
            StorageError: the storage cannot be reached, or refuses.
        """
        clock = clock or WaitClock()
        with clock.running(), storage_errors():
            folder = self._folder
            source = FolderSource(folder / key) if folder else BucketSource(self._store, key)
        file = StoredFile(source, offset, expected, clock)
        return io.BufferedReader(file, buffer_size=READ_SIZE)

    async def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None when there is none under this key.

        Raises:
            StorageError: the storage cannot be reached, or does not answer.
        """
        try:
            async with in_time(ANSWER_SECONDS):
                with storage_errors():
                    if self._folder:
                        return (await asyncio.to_thread((self._folder / key).stat)).st_size
                    return (await obstore.head_async(self._store, key))["size"]
        except FileNotFoundError:
            return None

    async def check(self) -> None:
        """Raise when the store cannot be reached."""
        await self.size("readiness-probe")

    def has_marker(self, marker: uuid.UUID) -> bool:
        """Tell whether the storage has this marker, from a thread.

        Raises:
            StorageError: it cannot be reached.
        """
        name = f"{MARKERS}/{MARKER_PREFIX}{marker}"
        with storage_errors():
            if self._folder:
                return (self._folder / name).is_dir()
            try:
                obstore.head(self._store, name)
            except FileNotFoundError:
                return False
            return True

    def markers(self) -> list[uuid.UUID]:
        """Return all markers that the storage has, from a thread; what else is there is nothing.

        Raises:
            StorageError: it cannot be reached.
        """
        with storage_errors():
            if self._folder:
                there = filter(Path.is_dir, _entries(self._folder / MARKERS))
                paths = [f"{MARKERS}/{path.name}" for path in there]
            else:
                pages = obstore.list(self._store, prefix=MARKERS)
                paths = [each["path"] for page in pages for each in page]
        found = map(_MARKER.fullmatch, paths)
        return sorted(uuid.UUID(marker[1]) for marker in found if marker)

    def put_marker(self, marker: uuid.UUID) -> None:
        """Mark the storage, from a thread. A folder that is not there yet is made.

        In a folder the marker is an empty folder, which every copy of it has too.

        Raises:
            StorageError: it cannot be written to.
        """
        name = f"{MARKERS}/{MARKER_PREFIX}{marker}"
        with storage_errors():
            if self._folder:
                (self._folder / name).mkdir(parents=True, exist_ok=True)
                _sync(self._folder / name)
            else:
                obstore.put(self._store, name, MARKER_TEXT)

    def is_empty(self) -> bool:
        """Tell whether there is no object at all, from a thread.

        Raises:
            StorageError: it cannot be reached.
        """
        with storage_errors():
            if self._folder:
                return not (_entries(self._folder) and any(self._folder.glob("*/*")))
            return not any(obstore.list(self._store, chunk_size=1))


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder. To a glob, one that is closed to us would be empty."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _sync(path: Path) -> None:
    """Have a file and its name on the disk, which a folder's store leaves to the system."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
