"""An import that waits, and one that is retried, as `rollcall import --follow` shows them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.acceptance.conftest import Product, Team
from tests.support.patience import PATIENCE
from tests.support.shell import COMMAND, Shell, terminal

WHY = "The storage could not be read."
# With a date around midnight.
TIME = r"(?:[\d-]+ )?\d\d:\d\d:\d\d"
UNTIL = rf"It is tried again at {TIME}\. It has waited since {TIME}\."


@pytest.fixture
def shell(product: Product, team_key: str, tmp_path: Path) -> Shell:
    """A folder of its own, and a team of an API without a worker."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Shell(folder, {"ROLLCALL_URL": product.start_api(), "ROLLCALL_API_KEY": team_key})


@pytest.fixture
def import_id(shell: Shell) -> str:
    """An import that is queued."""
    shell.write("email\nada@example.com\n")
    started = shell.run("contacts.csv", "--no-watch")
    (found,) = re.findall(r"--follow (\S+)", started.stdout)
    return str(found)


@pytest.fixture
def http(shell: Shell) -> Iterator[httpx.Client]:
    variables = shell.variables
    with Team(variables["ROLLCALL_URL"], variables["ROLLCALL_API_KEY"]).client() as client:
        yield client


def stored_file(product: Product) -> Path:
    folder = Path(urlsplit(product.settings.storage_url).path)
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    return file


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """Put a folder in a file's place."""
    away = file.with_name("away")
    file.rename(away)
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        away.rename(file)


def test_one_that_waits_says_why_and_until_when_and_goes_on(
    product: Product, shell: Shell, import_id: str
) -> None:
    with subprocess.Popen(
        [*COMMAND, "--follow", import_id],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follower:
        try:
            assert follower.stderr is not None
            with unreadable(stored_file(product)):
                product.start("worker")
                said = [""]
                while WHY not in said[-1]:
                    said.append(follower.stderr.readline())
                    assert said[-1], said
                assert re.fullmatch(f"{re.escape(WHY)} {UNTIL}\n", said[-1])
            stdout, stderr = follower.communicate(timeout=PATIENCE)
        finally:
            follower.kill()
    assert follower.returncode == 0, stderr
    assert f"Import {import_id} is complete." in stdout
    # Once for each time that it was tried in vain.
    why = [line for line in stderr.splitlines() if WHY in line]
    assert len(set(why)) == len(why)


def test_on_a_terminal(product: Product, shell: Shell, import_id: str) -> None:
    with unreadable(stored_file(product)), terminal(shell, "--follow", import_id) as screen:
        screen.read_until("Waiting for a worker")
        product.start("worker")
        screen.read_until(re.escape(WHY))
        screen.read_until(UNTIL)


def test_one_that_fails_and_is_retried(
    product: Product, shell: Shell, http: httpx.Client, import_id: str
) -> None:
    file = stored_file(product)
    away = file.with_name("away")
    file.rename(away)
    worker = product.start("worker")
    failed = shell.run("--follow", import_id)
    assert failed.returncode == 1
    assert f"Import {import_id} has failed. The uploaded file is no longer" in failed.stdout
    worker.stop()
    away.rename(file)
    assert http.post(f"/contacts/imports/{import_id}/retry").status_code == 200
    with terminal(shell, "--follow", import_id) as screen:
        screen.read_until("Waiting for a worker")
        product.start("worker")
        assert screen.read_to_end() == 0
    assert f"Import {import_id} is complete." in screen.written
    assert http.get(f"/contacts/imports/{import_id}").json()["status"] == "completed"
