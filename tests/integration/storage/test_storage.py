"""Uploaded files, in a folder and in a bucket, with the same behaviour."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import obstore
import pytest

from rollcall.storage.objects import Storage
from tests.support.buckets import bucket

CONTENT = bytes(range(256)) * 50_000


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A storage of each kind."""
    if request.param == "folder":
        yield Storage(tmp_path.as_uri())
        return
    with bucket() as url:
        yield Storage(url)


async def chunks(error: Exception | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(CONTENT), 100_000):
        yield CONTENT[start : start + 100_000]
    if error is not None:
        raise error


def test_what_was_put_is_read_as_a_stream_and_deleted(storage: Storage) -> None:
    asyncio.run(storage.check())
    asyncio.run(storage.put("team/file", chunks()))
    with storage.open("team/file") as file:
        assert file.read(10) == CONTENT[:10]
        assert file.read() == CONTENT[10:]
    asyncio.run(storage.delete("team/file"))
    asyncio.run(storage.delete("team/file"))
    with pytest.raises(FileNotFoundError):
        storage.open("team/file")


def test_a_stream_that_breaks_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(Exception, match="broken off"):
        asyncio.run(storage.put("team/file", chunks(RuntimeError("broken off"))))
    with pytest.raises(FileNotFoundError):
        storage.open("team/file")


def test_markers_are_told_from_what_else_stands_beside_them(storage: Storage) -> None:
    marker, nested = uuid.uuid4(), uuid.uuid4()
    for name in ("notes.txt", ".DS_Store", "storage-", "storage-old", f"old/storage-{nested}"):
        obstore.put(storage._store, f".rollcall/{name}", b"not ours")
    assert storage.markers() == []
    storage.put_marker(marker)
    assert storage.markers() == [marker]
    assert storage.has_marker(marker)
