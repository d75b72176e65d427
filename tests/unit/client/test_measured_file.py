"""A file of the size that it had, which tells how much of it was read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rollcall.client.errors import ClientError
from rollcall.client.measured_file import MeasuredFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_bytes(b"0123456789")
    return path


def test_it_says_after_each_read_how_far_it_is(path: Path) -> None:
    said: list[int] = []
    with path.open("rb") as opened:
        file = MeasuredFile(opened, said.append)
        assert [file.read(4) for _ in range(4)] == [b"0123", b"4567", b"89", b""]
    assert said == [4, 8, 10, 10]


def test_its_size_is_found_by_seeking_as_http_clients_do(path: Path) -> None:
    with path.open("rb") as opened:
        file = MeasuredFile(opened, lambda _: None)
        assert file.seek(0, io.SEEK_END) == file.tell() == 10
        assert file.seek(-4, io.SEEK_CUR) == file.tell() == 6
        assert file.read(100) == b"6789"
        assert file.seek(0) == 0
        assert file.read(100) == b"0123456789"


def test_what_is_added_while_it_is_read_is_not_read(path: Path) -> None:
    """The size was announced; more than that would not be a valid request."""
    with path.open("rb") as opened, path.open("ab") as added:
        file = MeasuredFile(opened, lambda _: None)
        added.write(b"more")
        added.flush()
        assert file.read(100) == b"0123456789"
        assert file.read(100) == b""
        assert file.seek(0, io.SEEK_END) == 10


@pytest.mark.parametrize(("limit", "size"), [(4, 4), (10, 10), (100, 10)])
def test_with_a_limit_it_ends_there(path: Path, limit: int, size: int) -> None:
    with path.open("rb") as opened:
        file = MeasuredFile(opened, lambda _: None, limit)
        assert file.seek(0, io.SEEK_END) == size
        file.seek(0)
        assert file.read(100) == b"0123456789"[:size]
        assert file.read(100) == b""


def test_a_file_that_becomes_shorter_is_said(path: Path) -> None:
    with path.open("rb") as opened, path.open("r+b") as shortened:
        file = MeasuredFile(opened, lambda _: None)
        shortened.truncate(4)
        assert file.read(100) == b"0123"
        with pytest.raises(ClientError, match="has become shorter while it was uploaded"):
            file.read(100)
