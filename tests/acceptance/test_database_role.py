"""API and worker under a role that has fewer rights than the one that migrates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.acceptance.conftest import Process, Product, Team
from tests.support.documents import read_blocks
from tests.support.patience import wait_until
from tests.support.ports import free_port

Connection = psycopg.Connection[Any]
ROLE = "rollcall_app"
FILE = {"file": b"email\nada@example.com\ngrace@example.com\nnobody\n"}


@pytest.fixture
def limited(settings: Settings, connection: Connection) -> Iterator[Settings]:
    """Settings with the role that the documents grant rights to."""
    parts = urlsplit(settings.database_url)
    grants = read_blocks("docs/database.md")[0].text
    grants = re.sub(r"(DATABASE|FOR ROLE) rollcall\b", _real_names(connection), grants)
    for statement in filter(None, map(str.strip, grants.split(";"))):
        connection.execute(statement)
    address = f"{ROLE}:secret@{parts.netloc.rpartition('@')[2]}"
    yield settings.model_copy(
        update={"database_url": urlunsplit(parts._replace(netloc=address)), "log_format": "json"}
    )
    connection.execute(f"DROP OWNED BY {ROLE}")
    connection.execute(f"DROP ROLE {ROLE}")


def _real_names(connection: Connection) -> Any:
    names = {"DATABASE": connection.info.dbname, "FOR ROLE": connection.info.user}
    return lambda found: f'{found[1]} "{names[found[1]]}"'


@pytest.fixture
def limited_product(limited: Settings, product: Product) -> Product:
    product.settings = limited
    return product


def upload(client: httpx.Client, **form: str) -> str:
    answer = client.post("/contacts/imports", files=FILE, data=form)
    assert answer.status_code == 201, answer.text
    return f"/contacts/imports/{answer.json()['id']}"


def counts(client: httpx.Client, path: str) -> dict[str, int]:
    wait_until(lambda: client.get(path).json()["status"] in ("completed", "failed"))
    shown = client.get(path).json()
    assert shown["error"] is None
    found: dict[str, int] = shown["counts"]
    return found


def test_the_rights_of_the_documents_are_enough(limited_product: Product, team_key: str) -> None:
    worker = limited_product.start("worker")
    with Team(limited_product.start_api(), team_key).client() as client:
        for dry_run in ("true", "false"):
            done = counts(client, upload(client, dry_run=dry_run))
            assert done == {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 1}
        topic = client.post("/topics", json={"name": "t", "default_subscription": "opt_out"}).json()
        chosen = [{"id": topic["id"], "subscription": "opt_in"}]
        path = "/contacts/ada@example.com"
        assert client.patch(f"{path}/topics", json=chosen).status_code == 200
        assert client.delete(f"/topics/{topic['id']}").status_code == 200
        assert client.delete(path).status_code == 200
        assert client.get("/readyz").json()["workers"] == 1
    worker.stop()
    assert "nsufficientPrivilege" not in worker.log.read_text()


def test_a_right_that_is_missing_is_named(
    limited: Settings, product: Product, team_key: str, connection: Connection
) -> None:
    with Team(product.start_api(), team_key).client() as client:
        path = upload(client)
        connection.execute(f"REVOKE USAGE ON SCHEMA operations FROM {ROLE}")
        product.settings = limited
        worker = product.start("worker")
        url = start_api_that_is_not_ready(product)
        ready = httpx.get(f"{url}/readyz")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")
        wrong = ready.json()["checks"]["storage"]
        assert f"its role {ROLE} " in wrong
        assert "permission denied for schema operations" in wrong
        assert "needs USAGE on the schema operations" in wrong
        with Team(url, team_key).client() as other:
            assert other.post("/contacts/imports", files=FILE).status_code == 503
        wait_until(lambda: cannot_be_used(worker) == [wrong])
        assert client.get(path).json()["status"] == "queued"
        connection.execute(f"GRANT USAGE ON SCHEMA operations TO {ROLE}")
        assert counts(client, path)["created"] == 2
    wait_until(lambda: httpx.get(f"{url}/readyz").json()["status"] == "ok")
    assert cannot_be_used(worker) == [wrong]


def start_api_that_is_not_ready(product: Product) -> str:
    port = free_port()
    process = product.start("api", "--port", str(port))
    url = f"http://127.0.0.1:{port}"

    def is_alive() -> bool:
        assert process.popen.poll() is None, process.log.read_text()
        try:
            return httpx.get(f"{url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(is_alive)
    return url


def cannot_be_used(process: Process) -> list[str]:
    """Return for what reasons the log says that the storage cannot be used."""
    lines = map(json.loads, process.log.read_text().splitlines())
    return [line["reason"] for line in lines if line["event"] == "storage cannot be used"]
