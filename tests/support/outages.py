"""What tests of outages do: freeze servers, ask for many things at once, read the log."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
import redis

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from tests.support.patience import PATIENCE, wait_until
from tests.support.ports import free_port
from tests.support.product import Process, Product
from tests.support.tcp_proxy import Network

NOBODY = "00000000-0000-0000-0000-000000000000"
# The contract allows ten, and two for readiness; a machine that is busy takes longer. What is
# frozen stays so meanwhile: whoever waited for it would wait for ever.
ANSWER_SECONDS = READY_SECONDS = 40.0
# More than twice what the pool has at most.
MANY = 24
FILE = {"file": ("contacts.csv", b"email\nada@example.com\n")}


@dataclass
class Api:
    """A running API process and a key of a team."""

    url: str
    key: str
    process: Process
    uploads: Path
    _forgotten: int = 0

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers)

    def log(self) -> list[str]:
        return self.process.log.read_text().splitlines()[self._forgotten :]

    def forget_log(self) -> None:
        self._forgotten += len(self.log())

    def ready(self) -> httpx.Response:
        return httpx.get(f"{self.url}/readyz")

    def files(self) -> list[Path]:
        return [path for path in self.uploads.glob("*/*") if path.is_file()]


def start_api(product: Product, key: str, **environment: str) -> Api:
    """Start an API process and wait until it is ready."""
    port = free_port()
    process = product.start("api", "--port", str(port), **environment)
    uploads = Path(urlsplit(product.settings.storage_url).path)
    api = Api(f"http://127.0.0.1:{port}", key, process, uploads)
    deadline = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, api.log()
        assert process.popen.poll() is None, api.log()
        try:
            if api.ready().status_code == 200:
                return api
        except httpx.TransportError:
            time.sleep(0.05)


@dataclass(frozen=True, kw_only=True)
class World:
    """An API and its servers, with the network between them."""

    services: EmbeddedServices
    database: Network
    redis: Network
    settings: Settings
    api: Api

    def connect(self) -> psycopg.Connection[Any]:
        """Connect to the API's database, not over the network that can fail."""
        name = urlsplit(self.settings.database_url).path.lstrip("/")
        return psycopg.connect(self.services.database_url, dbname=name, autocommit=True)

    def restart(self) -> None:
        """Start the servers again, whatever is left of them."""
        self.services.stop()
        self.services.start()
        for network, url in (
            (self.database, self.services.database_url),
            (self.redis, self.services.redis_url),
        ):
            network.target = ("127.0.0.1", urlsplit(url).port or 0)


Ask = Callable[[httpx.Client], httpx.Response]
KINDS: dict[str, Ask] = {
    "list": lambda c: c.get("/contacts"),
    "address": lambda c: c.get("/contacts/ada@example.com"),
    "create": lambda c: c.post("/contacts", json={"email": "ada@example.com"}),
    "change": lambda c: c.patch(f"/contacts/{NOBODY}", json={"first_name": "Ada"}),
    "delete": lambda c: c.delete(f"/segments/{NOBODY}"),
    "segment": lambda c: c.post("/segments", json={"name": "News"}),
    "repeatable": lambda c: c.post(
        "/topics",
        json={"name": "News", "default_subscription": "opt_in"},
        headers={"Idempotency-Key": str(time.monotonic_ns())},
    ),
    "key": lambda c: c.post("/api-keys", json={"name": "another"}),
    "upload": lambda c: c.post("/contacts/imports", files=FILE),
    "imports": lambda c: c.get("/contacts/imports"),
    "import": lambda c: c.get(f"/contacts/imports/{NOBODY}"),
    "events": lambda c: c.get(f"/contacts/imports/{NOBODY}/events"),
    "failures": lambda c: c.get(f"/contacts/imports/{NOBODY}/failures.csv"),
    "cancel": lambda c: c.post(f"/contacts/imports/{NOBODY}/cancel"),
    "audience": lambda c: c.get("/audiences"),
}


@dataclass(frozen=True)
class Timed:
    """An answer, and how many seconds it took."""

    answer: httpx.Response
    seconds: float


def ask_at_once(api: Api, asks: Sequence[Ask]) -> list[Timed]:
    """Ask for all of these at the same time, over a connection each."""

    def ask(one: Ask) -> Timed:
        with api.client() as client:
            started = time.monotonic()
            answer = one(client)
            return Timed(answer, time.monotonic() - started)

    with ThreadPoolExecutor(len(asks)) as threads:
        return list(threads.map(ask, asks))


def check_unavailable(answers: Sequence[Timed]) -> None:
    """Check that requests were answered in time and as the contract wants it."""
    for timed in answers:
        answer = timed.answer
        assert answer.status_code == 503, answer.text
        body = answer.json()
        assert list(body) == ["statusCode", "message", "name"]
        assert (body["statusCode"], body["name"]) == (503, "application_error")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["x-request-id"]
    assert max(timed.seconds for timed in answers) < ANSWER_SECONDS


def check_one_line_each(log: Sequence[str], answers: Sequence[Timed], reason: str = "") -> None:
    """Check that each refused request is one line with its id, and that nothing else floods."""
    text = "\n".join(log)
    assert "Traceback" not in text, text
    assert "@example.com" not in text
    for timed in answers:
        id_ = timed.answer.headers["x-request-id"]
        lines = [line for line in log if id_ in line and "request not served" in line]
        assert len(lines) == 1, text
        assert "warning" in lines[0]
        assert f"method={timed.answer.request.method}" in lines[0].replace("\x1b[0m", "")
        assert reason in lines[0]
    # A key's last use that was not written, and the like.
    assert len(log) <= len(answers) + 5, text


def check_works_at_once(api: Api) -> None:
    """Check that more requests at once are served than there are connections: none has been lost.

    A machine that is busy may need more than the first attempt for it.
    """
    asks = [KINDS["list"], KINDS["segment"]] * (MANY // 2)
    wait_until(lambda: all(timed.answer.is_success for timed in ask_at_once(api, asks)))


def wait_until_well(world: World) -> None:
    """Wait until nothing is away, and have the pool make its connections."""
    wait_until(lambda: world.api.ready().json()["status"] == "ok")
    check_works_at_once(world.api)


def server_of(world: World) -> psutil.Process:
    """Return the main process of PostgreSQL."""
    with world.connect() as connection:
        session = psutil.Process(connection.info.backend_pid)
        parent = session.parent()
    assert parent is not None
    return parent


def sessions_of(world: World) -> list[psutil.Process]:
    """Return the processes of PostgreSQL that serve the API."""
    with world.connect() as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'rollcall-api'"
        ).fetchall()
    return [psutil.Process(pid) for (pid,) in found]


def redis_of(world: World) -> psutil.Process:
    """Return the process of Redis."""
    with redis.Redis.from_url(world.services.redis_url) as client:
        info: Any = client.info("server")
    return psutil.Process(info["process_id"])


@contextmanager
def frozen(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """Stop processes, and let them go on in the end.

    A session of a server may end by itself before it is its turn to be stopped.
    """
    try:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@contextmanager
def frozen_with_sessions(server: psutil.Process) -> Iterator[None]:
    """Freeze a PostgreSQL with all its sessions."""
    # The sessions are those that there are when it can make no more.
    with frozen([server]), frozen(server.children()):
        yield


def frozen_server(world: World) -> AbstractContextManager[None]:
    """Freeze the world's PostgreSQL with all its sessions."""
    return frozen_with_sessions(server_of(world))


@contextmanager
def ended(process: psutil.Process, by: signal.Signals, world: World) -> Iterator[None]:
    """End a server with all its processes, and start it again in the end."""
    processes = [process, *process.children()]
    process.send_signal(by)
    try:
        psutil.wait_procs(processes, timeout=60)
        yield
    finally:
        world.restart()


@contextmanager
def swallowing(network: Network) -> Iterator[None]:
    """Have nothing come through."""
    network.is_swallowing = True
    try:
        yield
    finally:
        network.is_swallowing = False
