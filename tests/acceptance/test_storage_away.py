"""A volume that is not mounted, and one that is mounted again: nothing is taken for lost."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.acceptance.conftest import Product, Team
from tests.support.patience import wait_until

CSV = b"email\nada@example.com\n"
# Longer than a worker needs to look for work, and to look for a file several times.
A_WHILE = 5.0


class Uploads:
    """One team's imports."""

    def __init__(self, product: Product, url: str, key: str):
        self.client = product.stack.enter_context(Team(url, key).client())

    def post(self) -> httpx.Response:
        return self.client.post("/contacts/imports", files={"file": CSV})

    def create(self) -> str:
        answer = self.post()
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def get(self, id_: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.client.get(f"/contacts/imports/{id_}").json()
        return shown

    def is_completed(self, id_: str) -> bool:
        return bool(self.get(id_)["status"] == "completed")

    def storage_check(self) -> tuple[int, str]:
        answer = self.client.get("/readyz")
        return answer.status_code, answer.json()["checks"]["storage"]


def folder_of(settings: Settings) -> Path:
    return Path(urlsplit(settings.storage_url).path)


def names_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def make_empty(folder: Path) -> None:
    folder.mkdir()


def make_another(folder: Path) -> None:
    (folder / ".rollcall" / f"storage-{uuid.uuid4()}").mkdir(parents=True)


@pytest.mark.parametrize(
    "replace",
    [
        pytest.param(make_empty, id="an empty folder"),
        pytest.param(make_another, id="another storage"),
        pytest.param(lambda folder: None, id="nothing"),
    ],
)
def test_imports_wait_for_their_storage(
    product: Product, team_key: str, replace: Callable[[Path], object]
) -> None:
    url = product.start_api()
    uploads = Uploads(product, url, team_key)
    ids = [uploads.create() for _ in range(4)]
    folder = folder_of(product.settings)
    away = folder.with_name("away")
    folder.rename(away)
    replace(folder)
    before = names_in(folder)
    worker = product.start("worker")
    wait_until(lambda: "storage cannot be used" in worker.log.read_text())
    status, reason = uploads.storage_check()
    assert status == 503
    assert "not the storage that belongs to the database" in reason
    assert "rollcall storage adopt" in reason
    refused = uploads.post()
    assert (refused.status_code, refused.json()["name"]) == (503, "application_error")
    assert "storage" in refused.json()["message"]
    assert int(refused.headers["retry-after"]) > 0
    # A file that is not there is not said to be gone.
    failures = uploads.client.get(f"/contacts/imports/{ids[0]}/failures.csv")
    assert (failures.status_code, failures.json()["name"]) == (503, "application_error")
    time.sleep(A_WHILE)
    assert {uploads.get(id_)["status"] for id_ in ids} == {"queued"}
    assert names_in(folder) == before
    assert folder.exists() == (replace is make_empty or replace is make_another)
    assert worker.log.read_text().count("storage cannot be used") == 1
    if folder.exists():
        folder.rename(folder.with_name("wrong"))
    away.rename(folder)
    wait_until(lambda: all(map(uploads.is_completed, ids)))
    assert uploads.storage_check() == (200, "ok")
    uploads.create()


def test_one_that_was_replaced_on_purpose_is_adopted(product: Product, team_key: str) -> None:
    uploads = Uploads(product, product.start_api(), team_key)
    product.start("worker")
    first = uploads.create()
    wait_until(lambda: uploads.is_completed(first))
    folder = folder_of(product.settings)
    folder.rename(folder.with_name("old"))
    assert uploads.post().status_code == 503
    adopted = subprocess.run(
        [sys.executable, "-m", "rollcall", "storage", "adopt"],
        env={**product._variables()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert adopted.returncode == 0, adopted.stderr
    assert "belongs to the database now" in adopted.stdout
    wait_until(lambda: uploads.storage_check() == (200, "ok"))
    id_ = uploads.create()
    wait_until(lambda: uploads.is_completed(id_))


def test_a_copy_is_the_same_storage(product: Product, team_key: str) -> None:
    """As a restored backup or a move to another disk leaves it."""
    uploads = Uploads(product, product.start_api(), team_key)
    id_ = uploads.create()
    folder = folder_of(product.settings)
    subprocess.run(["cp", "-r", folder, folder.with_name("copy")], check=True)
    folder.rename(folder.with_name("old"))
    folder.with_name("copy").rename(folder)
    assert uploads.storage_check() == (200, "ok")
    product.start("worker")
    wait_until(lambda: uploads.is_completed(id_))


def test_an_older_installation_is_adopted(
    product: Product, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    """Its database knows no marker, and its storage has files and no marker."""
    uploads = Uploads(product, product.start_api(), team_key)
    id_ = uploads.create()
    (marker,) = (folder_of(product.settings) / ".rollcall").iterdir()
    marker.rmdir()
    connection.execute("DELETE FROM operations.storage")
    product.start("worker")
    wait_until(lambda: uploads.is_completed(id_))
    rows = connection.execute("SELECT marker::text FROM operations.storage").fetchall()
    markers = [path.name for path in (folder_of(product.settings) / ".rollcall").iterdir()]
    assert markers == [f"storage-{rows[0][0]}"]


def test_several_that_start_at_once_mark_it_once(
    product: Product, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    for _ in range(3):
        product.start("worker")
    uploads = Uploads(product, product.start_api(), team_key)
    id_ = uploads.create()
    wait_until(lambda: uploads.is_completed(id_))
    assert len(list((folder_of(product.settings) / ".rollcall").iterdir())) == 1
    assert connection.execute("SELECT count(*) FROM operations.storage").fetchone() == (1,)


def test_an_empty_one_is_not_marked_while_imports_wait(
    product: Product, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    """An older installation that is started anew before its volume is mounted."""
    uploads = Uploads(product, product.start_api(), team_key)
    id_ = uploads.create()
    folder = folder_of(product.settings)
    away = folder.with_name("away")
    folder.rename(away)
    folder.mkdir()
    (marker,) = (away / ".rollcall").iterdir()
    marker.rmdir()
    connection.execute("DELETE FROM operations.storage")
    worker = product.start("worker")
    wait_until(lambda: "storage cannot be used" in worker.log.read_text())
    assert names_in(folder) == set()
    assert uploads.get(id_)["status"] == "queued"
    folder.rmdir()
    away.rename(folder)
    wait_until(lambda: uploads.is_completed(id_))
