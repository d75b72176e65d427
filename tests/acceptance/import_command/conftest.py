"""Folders to run `rollcall import` in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.import_command.shell import Shell


@pytest.fixture
def shell(base_url: str, team_key: str, tmp_path: Path) -> Shell:
    """A folder of its own, and the running product."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Shell(folder, {"ROLLCALL_URL": base_url, "ROLLCALL_API_KEY": team_key})


@pytest.fixture
def shell_without_worker(api: str, team_key: str, tmp_path: Path) -> Shell:
    """A folder of its own, and an API only."""
    return Shell(tmp_path, {"ROLLCALL_URL": api, "ROLLCALL_API_KEY": team_key})
