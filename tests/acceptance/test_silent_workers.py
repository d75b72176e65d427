"""Workers that are frozen or cut off in the middle of anything: others go on with their imports."""

from __future__ import annotations

import itertools
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from tests.acceptance.conftest import Connection, Process, Product, held_back
from tests.acceptance.test_crash import Watch
from tests.support.network import Path, path_to
from tests.support.patience import PATIENCE, wait_until

# Two leases of two seconds, and a busy machine; far less than what ends a session by itself.
TAKEN_OVER_SECONDS = 30
BATCH_ROWS = 1000
ENVIRONMENT = {"ROLLCALL_LEASE_SECONDS": "2", "ROLLCALL_BATCH_ROWS": f"{BATCH_ROWS}"}
ROWS = 20_000
# Of the sessions that work for the import: what one of them is to be at.
STATES = {
    "reading": "bool_and(a.state = 'idle')",
    "between statements": "bool_or(a.state = 'idle in transaction')",
    "in COPY": (
        "bool_or(a.state = 'active' AND a.query LIKE 'COPY%%' AND a.wait_event = 'ClientRead')"
    ),
    "in a merge": (
        "bool_or(a.state = 'active' AND a.query LIKE '%%UPDATE contacts%%'"
        " AND a.wait_event_type = 'Lock')"
    ),
    "after a commit": "bool_or(a.state = 'idle' AND a.query = 'COMMIT')",
}
AT_WORK = """
SELECT coalesce({state}, false) FROM contact_import_sessions AS s
JOIN pg_stat_activity AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.import_id = %s
"""
PORTS = """
SELECT a.client_port FROM contact_import_sessions AS s
JOIN pg_stat_activity AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.import_id = %s
"""


@dataclass
class Worker:
    """A worker that can fall silent: the process frozen, or its path to the database dead."""

    process: Process
    path: Path
    kind: str

    def fall_silent(self) -> None:
        if self.kind == "frozen":
            self.process.popen.send_signal(signal.SIGSTOP)
        else:
            self.path.die()

    def speak_again(self) -> None:
        self.process.popen.send_signal(signal.SIGCONT)
        self.path.revive()


@contextmanager
def workers(product: Product, kind: str) -> Iterator[list[Worker]]:
    """Start two workers, each with a path to the database of its own."""
    address = product.settings.database_url
    with ExitStack() as stack:
        paths = [stack.enter_context(path_to(address)) for _ in range(2)]
        started = [
            Worker(
                product.start("worker", ROLLCALL_DATABASE_URL=path.leading(address), **ENVIRONMENT),
                path,
                kind,
            )
            for path in paths
        ]
        try:
            yield started
        finally:
            for worker in started:
                worker.speak_again()
                worker.process.stop()


def csv_file(name: str) -> bytes:
    """A file whose first address comes up again in every batch, which then merges."""
    lines = ["email,first_name"]
    lines += [f"{name}{0 if n % 100 == 0 else n}@example.com,Name{n}" for n in range(ROWS)]
    return "\n".join(lines).encode()


EXPECTED = {
    "total": ROWS,
    "created": ROWS - ROWS // 100 + 1,
    "updated": ROWS // 100 - 1,
    "skipped": 0,
    "failed": 0,
}


def silence_in(
    state: str, at_work: list[Worker], watch: Watch, connection: Connection
) -> Worker | None:
    """Silence the worker of an import in a state, be it after many tries; return it.

    None when the import has got to its last batch without having been seen in that state.
    """
    query = AT_WORK.format(state=STATES[state])
    tries = 0
    until = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < until, f"never seen {state}"
        ports = {port for (port,) in connection.execute(PORTS, (watch.id,))}
        for worker in at_work:
            if not ports & worker.path.ports():
                continue
            worker.fall_silent()
            # What it has sent is worked on to its end.
            time.sleep(0.03)
            if connection.execute(query, (watch.id,)).fetchone() == (True,):
                return worker
            worker.speak_again()
        tries += 1
        # Some more, for what it is at while it waits there.
        if tries > 200 and watch.total() >= ROWS - 2 * BATCH_ROWS:
            return None
        time.sleep(0.007)


def owner_of(watch: Watch, connection: Connection) -> uuid.UUID | None:
    row = connection.execute(
        "SELECT lease_owner FROM contact_imports WHERE id = %s", (watch.id,)
    ).fetchone()
    assert row is not None
    owner: uuid.UUID | None = row[0]
    return owner


@contextmanager
def locked(product: Product, email: str) -> Iterator[None]:
    """Lock a contact, so that whoever would change it waits."""
    with psycopg.connect(product.settings.psycopg_dsn) as connection:
        query = "SELECT FROM contacts WHERE email = %s FOR UPDATE"
        assert connection.execute(query, (email,)).rowcount == 1
        yield
        connection.rollback()


@pytest.mark.parametrize("kind", ["frozen", "cut off"])
def test_taken_over_in_any_state(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection, kind: str
) -> None:
    url = product.start_api()
    imports = itertools.count()

    def is_taken_over(state: str, at_work: list[Worker]) -> bool:
        """Import a file, and silence its worker in a state if it is ever seen in that."""
        name = f"person{next(imports)}x"
        watch = Watch(product, url, team_key, csv_file(name))
        with ExitStack() as held:
            held.enter_context(
                held_back(product.settings, team_id, f"{name}{ROWS - 1}@example.com")
            )
            wait_until(lambda: watch.total() > 0)
            if state == "in a merge":
                held.enter_context(locked(product, f"{name}0@example.com"))
            silent = silence_in(state, at_work, watch, connection)
            if silent:
                owner = owner_of(watch, connection)
                wait_until(lambda: owner_of(watch, connection) != owner, TAKEN_OVER_SECONDS)
        wait_until(lambda: watch.get()["status"] == "completed")
        assert watch.get()["counts"] == EXPECTED, state
        if silent:
            silent.speak_again()
        return silent is not None

    with workers(product, kind) as at_work:
        for state in STATES:
            wait_until(lambda: is_taken_over(state, at_work))  # noqa: B023  (called at once)
        # What was silent works on, and nothing of it was committed after all.
        assert [worker.process.popen.poll() for worker in at_work] == [None, None]
        wait_until(lambda: not connection.execute("SELECT FROM contact_import_sessions").fetchall())
    stored = connection.execute("SELECT count(*) FROM contacts").fetchone()
    assert stored == (next(imports) * EXPECTED["created"],)


def test_readiness_says_how_many_workers_are_alive(product: Product) -> None:
    url = product.start_api()

    def are_alive(count: int) -> bool:
        answer = httpx.get(f"{url}/readyz")
        return answer.status_code == 200 and answer.json()["workers"] == count

    assert are_alive(0)
    first, second = product.start("worker"), product.start("worker")
    wait_until(lambda: are_alive(2))
    first.kill()
    wait_until(lambda: are_alive(1))
    second.popen.send_signal(signal.SIGSTOP)
    wait_until(lambda: are_alive(0))
    second.popen.send_signal(signal.SIGCONT)
    wait_until(lambda: are_alive(1))
