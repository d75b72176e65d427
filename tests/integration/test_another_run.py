"""Tests that are run twice on one machine at the same time leave each other alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from rollcall.embedded import EmbeddedServices

TEST = "def test_it(tmp_path):\n    assert tmp_path.exists()\n"


def test_the_servers_keep_their_folder(services: EmbeddedServices, tmp_path: Path) -> None:
    """pytest closes the folder of all its runs to other users, and PostgreSQL may be one."""
    (tmp_path / "test_it.py").write_text(TEST)
    other = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run([*other, f"--rootdir={tmp_path}", str(tmp_path)], cwd=tmp_path, check=True)
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
