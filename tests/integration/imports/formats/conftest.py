"""What is left of packed files when they are read, or not: nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def spool_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Spool here, and check after the test that neither files nor processes are left."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    wait_until(lambda: not open_spools(folder) and not conversions())
    assert list(folder.iterdir()) == []


def open_spools(folder: Path) -> list[str]:
    """Return the spool files that this process has open; they have no name in the folder."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(str(folder)):
            found.append(target)
    return found


def conversions() -> list[psutil.Process]:
    """Return the processes that convert files for this one."""
    return [
        child
        for child in psutil.Process().children()
        if any("imports.formats" in argument for argument in child.cmdline())
    ]


@pytest.fixture
def nothing_left(settings: Settings, connection: Connection) -> Iterator[None]:
    """Check after the test that nothing is stored of what it tried."""
    yield
    assert stored_files(settings) == []
    assert connection.execute("SELECT count(*) FROM contact_imports").fetchone() == (0,)


def stored_files(settings: Settings) -> list[Path]:
    folder = Path(urlsplit(settings.storage_url).path)
    return [path for path in folder.rglob("*") if path.is_file()]
