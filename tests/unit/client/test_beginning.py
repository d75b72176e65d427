"""How much of a file is sent to be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollcall.client.beginning import MEBIBYTE, beginning_size

LARGE = 5 * MEBIBYTE


@pytest.mark.parametrize(
    ("first", "size", "sent"),
    [
        (b"email\n", 6, 6),
        (b"", 0, 0),
        (b"email\n", LARGE, MEBIBYTE),
        (b"\x1f\x8b\x08", LARGE, 2 * MEBIBYTE),
        (b"\x1f\x8b\x08", 100, 100),
        (b"PK\x03\x04", LARGE, LARGE),
        (b"\xef\xbb\xbf\r\nPK\x03\x04", LARGE, LARGE),
        (b"x" * 1024 + b"PK\x03\x04", LARGE, LARGE),
        (b"x" * 1025 + b"PK\x03\x04", LARGE, MEBIBYTE),
        (b"email,PK\n", LARGE, MEBIBYTE),
    ],
)
def test_it_depends_on_how_the_file_begins(
    tmp_path: Path, first: bytes, size: int, sent: int
) -> None:
    path = tmp_path / "contacts"
    with path.open("wb") as opened:
        opened.write(first)
        opened.truncate(size)
    with path.open("rb") as opened:
        assert beginning_size(opened) == sent
        assert opened.tell() == 0
