"""Imports that bring down their process: they are found out, and no other import is blamed."""

from __future__ import annotations

import os
import signal
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from rollcall.imports.running.leases import MAX_LOSSES
from tests.acceptance.conftest import Process, Product, held_back
from tests.acceptance.test_crash import EXPECTED, SMALL_BATCHES, Watch, csv_file
from tests.support.killing import guilty_file, ports_at_work, ports_of
from tests.support.patience import PATIENCE, wait_until

Connection = psycopg.Connection[Any]
ENVIRONMENT = {"ROLLCALL_LEASE_SECONDS": "3", "ROLLCALL_WORKER_CONCURRENCY": "4"}


@dataclass
class Killer:
    """Kills every process that works on certain imports, and starts the worker again if need be.

    If it `kills_all`, the worker and its child end together, as in a container that is killed.
    """

    product: Product
    worker: Process
    imports: set[str] = field(default_factory=set)
    kills_all: bool = False
    restarts: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with psycopg.connect(self.product.settings.psycopg_dsn, autocommit=True) as connection:
            while not self._ended.wait(0.02):
                for import_id in list(self.imports):
                    self._kill_those_at(ports_at_work(connection, import_id))
                if self.worker.popen.poll() is not None:
                    self.restarts += 1
                    self.worker = self.product.start("worker", **ENVIRONMENT)

    def end(self) -> None:
        self._ended.set()

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.worker.pid)
            return [own, *own.children()]
        return []

    def _kill_those_at(self, ports: set[int]) -> None:
        family = self._family()
        guilty = [process for process in family if ports & ports_of(process)]
        for process in family if guilty and self.kills_all else guilty:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


@contextmanager
def killer(product: Product) -> Iterator[Killer]:
    killing = Killer(product, product.start("worker", **ENVIRONMENT))
    thread = threading.Thread(target=killing.run)
    thread.start()
    try:
        yield killing
    finally:
        killing.end()
        thread.join()


def is_over(watch: Watch) -> bool:
    return watch.get()["status"] not in ("queued", "in_progress")


def test_only_those_that_kill_are_given_up(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """Two that kill, and two beside them, all waiting for something when it happens first.

    One of the former has met with errors of the database before, for which there are more tries.
    """
    url = product.start_api()
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        for number in range(2):
            email = f"guilty{number}x0@example.com"
            stack.enter_context(held_back(product.settings, team_id, email))
            email = f"innocent{number}@example.com"
            held.enter_context(held_back(product.settings, team_id, email))
        innocents = [
            Watch(product, url, team_key, f"email\ninnocent{number}@example.com\n".encode())
            for number in range(2)
        ]
        killing = stack.enter_context(killer(product))
        wait_until(lambda: all(w.get()["status"] == "in_progress" for w in innocents))
        guilty = [Watch(product, url, team_key, guilty_file(number)) for number in range(2)]
        connection.execute(
            "UPDATE contact_imports SET error_code = 'database_error', attempts = 7 WHERE id = %s",
            (guilty[0].id,),
        )
        killing.imports = {watch.id for watch in guilty}
        wait_until(lambda: killing.restarts > 0)
        held.close()
        wait_until(lambda: all(map(is_over, guilty)))
        for watch in innocents:
            wait_until(lambda: is_over(watch))  # noqa: B023  (called at once)
            assert watch.get()["status"] == "completed"
            assert watch.get()["counts"]["created"] == 1
    for watch in guilty:
        assert watch.get()["error"]["code"] == "worker_crashed"
    # Each has brought down the worker and what was beside it once, and then only its own process.
    assert killing.restarts <= 2


def test_a_child_ends_with_its_parent(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    url = product.start_api()
    worker = product.start("worker", **SMALL_BATCHES)
    watch = Watch(product, url, team_key, csv_file())
    email = "person1@example.com"
    with held_back(product.settings, team_id, email):
        wait_until(lambda: watch.get()["status"] == "in_progress")
        for number in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
            worker.popen.send_signal(number)
            worker.popen.wait(PATIENCE)
            worker = product.start("worker", **SMALL_BATCHES)
            parent = psutil.Process(worker.pid)
            wait_until(lambda: bool(parent.children()))  # noqa: B023
            (child,) = parent.children()
        worker.popen.send_signal(signal.SIGKILL)
        worker.popen.wait(PATIENCE)
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        product.start("worker", **SMALL_BATCHES)
    wait_until(lambda: is_over(watch))
    assert watch.get()["counts"] == EXPECTED


def test_one_that_kills_its_worker_too_is_given_up(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """There is nobody left who could tell, and others are served between its attempts."""
    url = product.start_api()
    with ExitStack() as stack:
        stack.enter_context(held_back(product.settings, team_id, "guilty0x0@example.com"))
        held = stack.enter_context(ExitStack())
        held.enter_context(held_back(product.settings, team_id, "innocent0@example.com"))
        beside = Watch(product, url, team_key, b"email\ninnocent0@example.com\n")
        killing = stack.enter_context(killer(product))
        wait_until(lambda: beside.get()["status"] == "in_progress")
        guilty = Watch(product, url, team_key, guilty_file(0))
        killing.kills_all = True
        killing.imports = {guilty.id}
        wait_until(lambda: killing.restarts > 0)
        held.close()
        # It has killed once more, and is put off.
        lost = "SELECT FROM contact_imports WHERE id = %s AND losses > 0 AND lease_owner IS NULL"
        wait_until(lambda: connection.execute(lost, (guilty.id,)).rowcount == 1)
        assert guilty.get()["last_error"]["code"] == "worker_crashed"
        later = Watch(product, url, team_key, b"email\ninnocent1@example.com\n")
        for watch in (beside, later):
            wait_until(lambda: is_over(watch))  # noqa: B023  (called at once)
            assert watch.get()["status"] == "completed"
            assert watch.get()["counts"]["created"] == 1
        connection.execute(
            "UPDATE contact_imports SET losses = %s WHERE id = %s", (MAX_LOSSES - 1, guilty.id)
        )
        wait_until(lambda: is_over(guilty))
    assert guilty.get()["error"]["code"] == "worker_crashed"
    assert killing.restarts >= 3


@dataclass
class Trial:
    """An import that waits in the child in which its worker tries it alone."""

    worker: Process
    child: psutil.Process
    watch: Watch


@contextmanager
def trial(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> Iterator[Trial]:
    url = product.start_api()
    with held_back(product.settings, team_id, "guilty0x0@example.com"):
        lost = product.start("worker", **ENVIRONMENT)
        watch = Watch(product, url, team_key, guilty_file(0))
        wait_until(lambda: watch.get()["status"] == "in_progress")
        lost.kill()
        talkative = {"ROLLCALL_LOG_LEVEL": "info", "ROLLCALL_WORKER_SHUTDOWN_SECONDS": "4"}
        worker = product.start("worker", **ENVIRONMENT, **talkative)
        parent = psutil.Process(worker.pid)
        wait_until(lambda: bool(parent.children()))
        (child,) = parent.children()
        wait_until(lambda: bool(ports_of(child) & ports_at_work(connection, watch.id)))
        yield Trial(worker, child, watch)


CRASHES = "SELECT crashes, losses, lease_owner FROM contact_imports WHERE id = %s"


def test_a_child_that_is_killed_while_its_worker_ends_has_crashed(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """A system that is out of memory may end the child and ask the worker to end at once."""
    with trial(product, team_key, team_id, connection) as tried:
        # It does not hear that it should end.
        tried.child.suspend()
        tried.worker.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: "worker ends after" in tried.worker.log.read_text())
        tried.child.kill()
        assert tried.worker.popen.wait(PATIENCE) == 0
        assert connection.execute(CRASHES, (tried.watch.id,)).fetchone() == (1, 0, None)


def test_a_child_that_its_worker_kills_has_not_crashed(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    with trial(product, team_key, team_id, connection) as tried:
        tried.child.suspend()
        tried.worker.popen.send_signal(signal.SIGTERM)
        tried.worker.popen.wait(PATIENCE)
        assert connection.execute(CRASHES, (tried.watch.id,)).fetchone() == (0, 0, None)


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels are not asked")
def test_the_kernel_ends_the_child_before_its_worker(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    with trial(product, team_key, team_id, connection) as tried:
        worker, child = (
            int(Path(f"/proc/{pid}/oom_score_adj").read_text())
            for pid in (tried.worker.pid, tried.child.pid)
        )
        tried.worker.kill()
    assert child > worker


def test_one_at_a_time_is_tried_alone(
    product: Product, team_key: str, team_id: uuid.UUID, connection: Connection
) -> None:
    """Of two suspects, whatever their lanes are; and others go on beside it."""
    url = product.start_api()
    alone = "SELECT FROM contact_imports WHERE is_alone AND lease_owner IS NOT NULL"
    with ExitStack() as held:
        for email in ("guilty0x0", "guilty1x0", "small"):
            held.enter_context(held_back(product.settings, team_id, f"{email}@example.com"))
        lost = product.start("worker", **ENVIRONMENT)
        files = [guilty_file(0), guilty_file(1), b"email\nsmall@example.com\n"]
        suspects = [Watch(product, url, team_key, file) for file in files]
        wait_until(lambda: all(watch.get()["status"] == "in_progress" for watch in suspects))
        lost.kill()
        worker = psutil.Process(product.start("worker", **ENVIRONMENT).pid)
        wait_until(lambda: connection.execute(alone).rowcount > 0)
        for file in (guilty_file(2), b"email\nhealthy@example.com\n"):
            healthy = Watch(product, url, team_key, file)
            wait_until(lambda: is_over(healthy))  # noqa: B023  (called at once)
            assert healthy.get()["status"] == "completed"
        assert connection.execute(alone).rowcount == 1
        assert len(worker.children()) == 1
    for watch in suspects:
        wait_until(lambda: is_over(watch))  # noqa: B023
        assert watch.get()["status"] == "completed"
