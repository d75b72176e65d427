"""Real parts for the tests: PostgreSQL and Redis from wheels, the API over real HTTP.

Both servers run once for all tests. Every test that asks for a database gets one of its own, made
from a migrated template, and a Redis database and a folder for uploads that are empty.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from rollcall.api.app import create_app
from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from rollcall.web.http_protocol import HttpProtocol
from tests.acceptance.clients.install import NODE_CLIENTS_MISSING
from tests.support.browser import BROWSER_MISSING, BrowserUnavailable, find_chromium
from tests.support.databases import DATABASE_SECONDS, make_key_of, make_template, own_settings
from tests.support.patience import PATIENCE, make_clients_patient
from tests.support.product import Product, Team, leave_out
from tests.support.sharing_out import share_out

LEFT_OUT = {
    NODE_CLIENTS_MISSING: "THE NODE CLIENTS DID NOT RUN",
    BROWSER_MISSING: "THE PAGES WERE NOT TRIED IN A BROWSER",
}
# By what packed files are known, wherever they begin in a value.
PACKED = {"gzip": b"\x1f\x8b", "zip": b"PK\x03\x04", "zip in Base64": b"UEsDB"}

# How long an example takes says what else the machine has to do.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")
# What a shell starts in its background ignores Ctrl-C, and so would all that these tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
make_clients_patient()


def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: many tests wait for other processes most of the time."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServices]:
    """PostgreSQL and Redis, once for all tests."""
    with EmbeddedServices(tmp_path_factory.mktemp("services"), for_tests=True) as running:
        yield running


@pytest.fixture(scope="session")
def template_database(services: EmbeddedServices) -> str:
    """The address of a migrated database without content that others are made from."""
    return make_template(services)


@pytest.fixture
def settings(
    services: EmbeddedServices, template_database: str, tmp_path: Path
) -> Iterator[Settings]:
    """Settings with a database, a Redis database and a folder of this test's own."""
    del template_database
    with own_settings(services, tmp_path, redis_database=1) as own:
        yield own


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test's database, in autocommit mode."""
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], str]]:
    """Serve the API with given settings; returns its base URL."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(serving(settings))


@pytest.fixture
def api(settings: Settings, serve: Callable[[Settings], str]) -> str:
    """The base URL of the API over real HTTP."""
    return serve(settings)


@pytest.fixture
def make_key(settings: Settings) -> Callable[[str], str]:
    """Make a key for a team of this name."""

    return lambda team_name: make_key_of(settings, team_name)


@pytest.fixture
def team_key(make_key: Callable[[str], str]) -> str:
    """A key of the team that most tests act as."""
    return make_key("team a")


@pytest.fixture
def team_id(connection: psycopg.Connection[Any], team_key: str) -> uuid.UUID:
    """The id of the team that most tests act as."""
    row = connection.execute("SELECT team_id FROM teams WHERE name = 'team a'").fetchone()
    assert row is not None
    found: uuid.UUID = row[0]
    return found


@pytest.fixture
def client(api: str, team_key: str) -> Iterator[httpx.Client]:
    """An HTTP client with the key of the test's team."""
    with httpx.Client(base_url=api, headers=_bearer(team_key)) as client:
        yield client


@pytest.fixture
def other_client(api: str, make_key: Callable[[str], str]) -> Iterator[httpx.Client]:
    """An HTTP client with the key of another team."""
    with httpx.Client(base_url=api, headers=_bearer(make_key("team b"))) as client:
        yield client


@pytest.fixture(scope="session")
def new_team(
    services: EmbeddedServices, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Team]]:
    """Make teams of one running API and worker, for tests to which nothing else has to belong."""
    del template_database
    folder = tmp_path_factory.mktemp("shared")
    with own_settings(services, folder, redis_database=2) as settings, ExitStack() as stack:
        product = Product(settings, folder, stack)
        product.start("worker")
        url = product.start_api()
        yield lambda: Team(url, make_key_of(settings, f"team {uuid.uuid4()}"))


@pytest.fixture
def team(new_team: Callable[[], Team]) -> Team:
    """A team of the API and worker that tests share."""
    return new_team()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, for `browser.visiting`; CI must have it, others should."""
    try:
        return find_chromium()
    except BrowserUnavailable as unavailable:
        leave_out(BROWSER_MISSING, unavailable)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give this run a folder that no other knows of; `--basetemp` names one that is kept.

    Every other run of the same user begins by closing the folder that all of them share to other
    users. The servers' account is one when the tests are run as root, and PostgreSQL would end.
    """
    if config.option.basetemp is None:
        folder = tempfile.mkdtemp(prefix="rollcall-tests-")
        config.option.basetemp = str(Path(folder) / "run")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest tests when several processes share them out."""
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    if processes > 1:
        items[:] = [items[at] for at in share_out([item.nodeid for item in items], processes)]


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test with a packed file without its bytes, which have the time in them.

    Processes that share out the tests have to find the same ones.
    """
    if not isinstance(val, bytes):
        return None
    return next((name for name, bytes_of_it in PACKED.items() if bytes_of_it in val), None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the end, where it is seen, what did not run for want of a program."""
    skipped = terminalreporter.getreports("skipped")
    reasons = {r.longrepr[2] for r in skipped if isinstance(r.longrepr, tuple)}
    for reason in sorted(reasons):
        for beginning, title in LEFT_OUT.items():
            _, found, missing = reason.partition(beginning)
            if found:
                terminalreporter.section(title, yellow=True, bold=True)
                terminalreporter.line(missing, yellow=True)
                terminalreporter.line(
                    "Their tests were skipped; with CI=true they fail.", yellow=True
                )


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Run the API in a thread of its own, on a free port of the loopback interface."""
    if settings.db_timeout_seconds == DATABASE_SECONDS:
        # A test that is about it has another one; no other is to fail because the machine is busy.
        settings = settings.model_copy(update={"db_timeout_seconds": PATIENCE})
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_config=None, lifespan="on", http=HttpProtocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
