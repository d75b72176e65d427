"""Folders to run `rollcall import` in, each with a team of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Team
from tests.support.shell import Shell


@pytest.fixture
def shell(team: Team, tmp_path: Path) -> Shell:
    """A folder of its own, and a team of the running product."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Shell(folder, {"ROLLCALL_URL": team.url, "ROLLCALL_API_KEY": team.key})


@pytest.fixture
def http(team: Team) -> Iterator[httpx.Client]:
    """An HTTP client of the shell's team."""
    with team.client() as client:
        yield client
