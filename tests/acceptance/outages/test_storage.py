"""A bucket that refuses or falls silent: what needs it is refused in time, and it recovers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rollcall.config import Settings
from tests.acceptance.conftest import Product
from tests.support.buckets import bucket
from tests.support.outages import (
    FILE,
    KINDS,
    READY_SECONDS,
    Api,
    Ask,
    Timed,
    ask_at_once,
    check_one_line_each,
    check_unavailable,
    start_api,
    swallowing,
)
from tests.support.patience import wait_until
from tests.support.tcp_proxy import Network, network_to


@pytest.fixture
def bucket_network() -> Iterator[Network]:
    """The way to an empty bucket, whose address and credentials are in the environment."""
    with ExitStack() as stack:
        stack.enter_context(bucket())
        server = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        yield stack.enter_context(network_to("127.0.0.1", server.port or 0))


@pytest.fixture
def api(
    settings: Settings, team_key: str, tmp_path: Path, bucket_network: Network
) -> Iterator[Api]:
    """An API that keeps its files in the bucket."""
    with ExitStack() as stack:
        there = settings.model_copy(update={"storage_url": "s3://uploads/files"})
        endpoint = f"http://127.0.0.1:{bucket_network.port}"
        yield start_api(Product(there, tmp_path, stack), team_key, AWS_ENDPOINT_URL=endpoint)


def test_a_silent_bucket(api: Api, bucket_network: Network) -> None:
    with api.client() as client:
        stored = client.post("/contacts/imports", files=FILE).json()["id"]
    download: Ask = lambda c: c.get(f"/contacts/imports/{stored}/failures.csv")  # noqa: E731
    with swallowing(bucket_network):
        refused = ask_at_once(api, [KINDS["upload"], download] * 3)
        served = ask_at_once(api, [KINDS["list"], KINDS["create"]] * 3)
        ready = api.ready()
    check_unavailable(refused)
    assert all(timed.answer.is_success for timed in served)
    assert (ready.status_code, ready.json()["checks"]["storage"]) == (503, "unreachable")
    assert ready.elapsed.total_seconds() < READY_SECONDS
    check_one_line_each(api.log(), refused)
    wait_until(
        lambda: all(timed.answer.is_success for timed in ask_at_once(api, [KINDS["upload"]]))
    )


def test_a_bucket_that_falls_silent_while_a_file_is_sent(api: Api, bucket_network: Network) -> None:
    """The upload is given up when the storage takes no more of it."""
    is_silent = threading.Event()

    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nemail\r\n'
        # Longer than the storage may keep silent: it has nothing to do.
        time.sleep(6)
        bucket_network.is_swallowing = True
        is_silent.set()
        for _ in range(400):
            yield b"grace@example.com\r\n" * 4000
        yield b"--x--\r\n"

    with api.client() as client:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        started = time.monotonic()
        answer = client.post("/contacts/imports", content=body(), headers=headers)
        seconds = time.monotonic() - started
    bucket_network.is_swallowing = False
    assert is_silent.is_set()
    check_unavailable([Timed(answer, seconds - 6)])
    wait_until(
        lambda: all(timed.answer.is_success for timed in ask_at_once(api, [KINDS["upload"]]))
    )
    with api.client() as client:
        assert len(client.get("/contacts/imports").json()["data"]) == 1
