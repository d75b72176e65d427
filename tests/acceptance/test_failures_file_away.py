"""A failures file whose database or storage goes away: refused until it begins, then broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import psutil
import psycopg
import pytest

from tests.acceptance.conftest import Product
from tests.integration.imports.failures.test_file import is_writer
from tests.support.engine import run_next
from tests.support.outages import Api, start_api
from tests.support.patience import wait_until

# More than one segment, and more than is on its way to a client that takes nothing.
CSV = b"email,note\n" + b"".join(b"p%d,%b\n" % (n, b"x" * 500) for n in range(60_000))

Outage = Callable[[Api, Product], AbstractContextManager[None]]


@pytest.fixture
def api(product: Product, team_key: str) -> Api:
    return start_api(product, team_key, ROLLCALL_DB_TIMEOUT_SECONDS="2")


@pytest.fixture
def path(api: Api, product: Product) -> str:
    """The failures file of an import of which all rows have failed."""
    with api.client() as client:
        answer = client.post("/contacts/imports", files={"file": CSV})
    assert answer.status_code == 201
    run_next(product.settings)
    return f"/contacts/imports/{answer.json()['id']}/failures.csv"


@contextmanager
def failures_locked(api: Api, product: Product) -> Iterator[None]:
    """The import can be read, and which of its rows have failed cannot."""
    del api
    with psycopg.connect(product.settings.psycopg_dsn) as other:
        other.execute("LOCK TABLE contact_import_failures")
        yield


@contextmanager
def storage_away(api: Api, product: Product) -> Iterator[None]:
    """The storage is there while the file is looked for, and not when it is opened."""
    del product
    away = api.uploads.with_name("away")

    def take_away() -> None:
        wait_until(lambda: bool(writers(api)))
        (writer,) = writers(api)
        writer.suspend()
        api.uploads.rename(away)
        writer.resume()

    with ThreadPoolExecutor(1) as threads:
        taken = threads.submit(take_away)
        yield
        taken.result()
    away.rename(api.uploads)


OUTAGES = pytest.mark.parametrize(
    ("outage", "reason"), [(failures_locked, "lock timeout"), (storage_away, "FileNotFoundError")]
)


@OUTAGES
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_before_its_first_block_it_is_refused(
    api: Api, product: Product, path: str, method: str, outage: Outage, reason: str
) -> None:
    with api.client() as client:
        with outage(api, product):
            refused = client.request(method, path)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        if method == "GET":
            assert refused.json()["name"] == "application_error"
        check_one_line(api, refused, reason)
        assert client.request(method, path).status_code == 200


@OUTAGES
def test_later_it_is_broken_off(
    api: Api, product: Product, path: str, outage: Outage, reason: str
) -> None:
    with api.client() as client:
        with client.stream("GET", path) as begun:
            blocks = begun.iter_raw()
            assert next(blocks)
            wait_until(lambda: not writers(api))
            with outage(api, product), pytest.raises(httpx.RemoteProtocolError):
                list(blocks)
        assert begun.status_code == 200
        check_one_line(api, begun, reason)
        assert client.get(path).content.count(b"\n") == 60_001


def writers(api: Api) -> list[psutil.Process]:
    return [child for child in psutil.Process(api.process.pid).children() if is_writer(child)]


def check_one_line(api: Api, answer: httpx.Response, reason: str) -> None:
    id_ = answer.headers["x-request-id"]
    wait_until(lambda: any(id_ in line for line in api.log()))
    (line,) = api.log()
    assert "request not served" in line
    assert reason in line
