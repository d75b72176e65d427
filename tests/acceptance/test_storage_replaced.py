"""A bucket in the place of the right one, and a folder that does not let the product in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.acceptance.conftest import Process, Product
from tests.acceptance.test_storage_away import Uploads
from tests.support.buckets import bucket
from tests.support.patience import wait_until
from tests.support.ports import free_port

# Runs the product like any other user than root, whom no folder is closed to.
WITHOUT_PRIVILEGE = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
        sys.exit("this user's rights cannot be taken away")
os.execv(sys.executable, [sys.executable, "-m", "rollcall", *sys.argv[1:]])
"""


@pytest.fixture
def s3(product: Product) -> Iterator[Any]:
    """The product with its files in a bucket, and a client of the bucket's server."""
    with bucket() as url:
        product.settings = product.settings.model_copy(update={"storage_url": url})
        import boto3

        client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        yield client
        client.close()
        for process in product.processes:
            process.stop()


def take_all(s3: Any) -> dict[str, bytes]:
    """Empty the bucket; return what was in it."""
    taken = {}
    for each in s3.list_objects_v2(Bucket="uploads").get("Contents", []):
        with s3.get_object(Bucket="uploads", Key=each["Key"])["Body"] as body:
            taken[each["Key"]] = body.read()
        s3.delete_object(Bucket="uploads", Key=each["Key"])
    return taken


def says_why_it_waits(worker: Process) -> bool:
    return "storage cannot be used" in worker.log.read_text()


@pytest.mark.parametrize("kind", ["emptied", "another", "another storage"])
def test_imports_wait_for_the_right_bucket(
    product: Product, team_key: str, s3: Any, kind: str
) -> None:
    uploads = Uploads(product, product.start_api(), team_key)
    ids = [uploads.create() for _ in range(3)]
    taken = take_all(s3)
    assert len(taken) == 4
    if kind != "emptied":
        s3.delete_bucket(Bucket="uploads")
        s3.create_bucket(Bucket="uploads")
    found = "its marker is missing"
    if kind == "another storage":
        other = "files/.rollcall/storage-00000000-0000-4000-8000-000000000000"
        s3.put_object(Bucket="uploads", Key=other, Body=b"")
        found = "it has the marker of another"
    worker = product.start("worker")
    wait_until(lambda: says_why_it_waits(worker))
    status, reason = uploads.storage_check()
    assert status == 503
    assert found in reason
    assert uploads.post().status_code == 503
    assert {uploads.get(id_)["status"] for id_ in ids} == {"queued"}
    for key, body in taken.items():
        s3.put_object(Bucket="uploads", Key=key, Body=body)
    wait_until(lambda: all(map(uploads.is_completed, ids)))
    assert uploads.storage_check() == (200, "ok")
    assert worker.log.read_text().count("storage cannot be used") == 1


def test_a_bucket_that_was_replaced_on_purpose_is_adopted(
    product: Product, team_key: str, s3: Any
) -> None:
    """What has gone with the old one fails then, and is not waited for any longer."""
    uploads = Uploads(product, product.start_api(), team_key)
    gone = uploads.create()
    take_all(s3)
    worker = product.start("worker")
    wait_until(lambda: says_why_it_waits(worker))
    assert uploads.get(gone)["status"] == "queued"
    adopted = subprocess.run(
        [sys.executable, "-m", "rollcall", "storage", "adopt"],
        env={**os.environ, **product._variables()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert adopted.returncode == 0, adopted.stderr
    wait_until(lambda: uploads.storage_check() == (200, "ok"))
    wait_until(lambda: uploads.get(gone)["status"] == "failed")
    assert uploads.get(gone)["error"]["code"] == "file_missing"
    there = uploads.create()
    wait_until(lambda: uploads.is_completed(there))


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    mode = folder.stat().st_mode
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(mode)


def test_imports_wait_for_a_folder_that_is_closed_to_the_worker(
    product: Product, team_key: str
) -> None:
    uploads = Uploads(product, product.start_api(), team_key)
    id_ = uploads.create()
    product.program = [sys.executable, "-c", WITHOUT_PRIVILEGE]
    closed_to = f"closed to the user that Rollcall runs as, number {os.geteuid()}"
    with closed(Path(urlsplit(product.settings.storage_url).path)):
        worker = product.start("worker")
        wait_until(lambda: says_why_it_waits(worker))
        port = free_port()
        product.start("api", "--port", str(port))
        wait_until(lambda: closed_to in storage_check(port))
        with httpx.Client(headers=uploads.client.headers) as client:
            url = f"http://127.0.0.1:{port}/contacts/imports"
            refused = client.post(url, files={"file": b"email\n"})
        assert refused.status_code == 503
        assert uploads.get(id_)["status"] == "queued"
    wait_until(lambda: uploads.is_completed(id_))
    wait_until(lambda: storage_check(port) == "ok")
    log = worker.log.read_text()
    assert log.count("storage cannot be used") == 1
    assert closed_to in log


def storage_check(port: int) -> str:
    try:
        return str(httpx.get(f"http://127.0.0.1:{port}/readyz").json()["checks"]["storage"])
    except httpx.TransportError:
        return ""
