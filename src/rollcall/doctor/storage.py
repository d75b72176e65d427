"""The storage: whether it is the right one, what may be done in it, and the room that is left."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from rollcall.config import MIB, Settings
from rollcall.database.connections import connect
from rollcall.doctor.findings import Finding, fail, ok, warn
from rollcall.storage.guard import known_marker
from rollcall.storage.objects import MARKERS, Storage
from rollcall.storage.stored_file import FileDamaged, StorageError

TRIAL = b"Written by `rollcall doctor`, which deletes it again.\n"
UPLOADS = 20


def look_at_storage(settings: Settings) -> Iterator[Finding]:
    """Write, read and delete an object, and look for the marker and for room."""
    storage = Storage(settings.storage_url)
    folder = _folder(settings.storage_url)
    if folder is not None and not folder.is_dir():
        advice = "make the folder, or mount its volume"
        yield fail("storage", f"{folder} is not there", advice)
        return
    yield from _try(storage)
    yield from _look_at_marker(storage, settings)
    places = {"temporary files": Path(tempfile.gettempdir())}
    if folder is not None:
        places["uploads"] = folder
    for what, place in places.items():
        yield _look_at_room(what, place, settings.max_upload_bytes)


def _folder(url: str) -> Path | None:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else None


def _try(storage: Storage) -> Iterator[Finding]:
    # Beside the markers, where nobody looks for uploads.
    key = f"{MARKERS}/trial-{uuid.uuid4()}"
    step = "written to"
    try:
        asyncio.run(storage.put(key, _once(TRIAL)))
        step = "read"
        with storage.open(key) as file:
            if file.read() != TRIAL:
                raise FileDamaged("What was read is not what was written.")
        step = "deleted from"
        asyncio.run(storage.delete(key))
    except (StorageError, FileDamaged, FileNotFoundError) as error:
        yield fail("storage", f"cannot be {step}: {error}", "look at its rights and its room")
    else:
        yield ok("storage", "can be written, read and deleted from")


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _look_at_marker(storage: Storage, settings: Settings) -> Iterator[Finding]:
    try:
        with connect(settings.psycopg_dsn, "rollcall-doctor", {}) as connection:
            known = known_marker(connection)
    except psycopg.Error:
        # It has been told of the database already.
        return
    try:
        if known is None:
            yield ok("storage", "is not marked yet; the first start does that")
        elif storage.has_marker(known):
            yield ok("storage", "is the one that belongs to the database")
        else:
            yield fail(
                "storage",
                "is not the one that belongs to the database",
                "mount the right one, or run `rollcall storage adopt`",
            )
    except StorageError as error:
        yield fail("storage", error.reason, "look at ROLLCALL_STORAGE_URL")


def _look_at_room(what: str, place: Path, upload_bytes: int) -> Finding:
    free = shutil.disk_usage(place).free
    told = f"{free // MIB:,} MiB free for {what} in {place}"
    if free < upload_bytes:
        return fail("disk", told, "make room for one upload of the largest size at least")
    if free < UPLOADS * upload_bytes:
        return warn("disk", told, f"make room: that is less than {UPLOADS} of the largest uploads")
    return ok("disk", told)
