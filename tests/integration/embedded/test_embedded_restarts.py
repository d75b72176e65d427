"""The embedded PostgreSQL and Redis, killed themselves: started again, or given up."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from rollcall.embedded import EmbeddedError, EmbeddedServices, server
from tests.support.patience import PATIENCE, wait_until

TITLES = {"postgres": "PostgreSQL", "redis-server": "Redis"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    # A space, as a folder of a person may have one.
    return tmp_path / "my data"


@pytest.fixture
def long_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let restarts count for as long as a busy machine may take for several of them."""
    monkeypatch.setattr(server, "RESTART_WINDOW", 3600.0)


def child(program: str, data_dir: Path) -> psutil.Process:
    """Return the one server of this name that this process has started for this directory."""
    started = {each.pid for each in psutil.Process().children()}
    (found,) = (
        each for each in left_over(data_dir) if each.pid in started and each.name() == program
    )
    return found


def crash(program: str, data_dir: Path) -> None:
    """End a server as nobody can prevent, and see it gone."""
    victim = child(program, data_dir)
    victim.kill()
    wait_until(lambda: victim.status() == psutil.STATUS_ZOMBIE)


def keep_running_until_both_answer(services: EmbeddedServices) -> None:
    """Call `keep_running` as `rollcall dev` does, until it has had its effect."""

    def answer() -> bool:
        services.keep_running()
        with suppress(psycopg.OperationalError, redis.RedisError):
            with psycopg.connect(services.database_url, connect_timeout=5):
                pass
            with redis.Redis.from_url(services.redis_url) as client:
                return bool(client.ping())
        return False

    wait_until(answer)


def left_over(data_dir: Path) -> list[psutil.Process]:
    """Return every process that works below this directory."""

    def is_there(process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return data_dir.resolve() in Path(process.cwd()).parents
        return False

    return [process for process in psutil.process_iter() if is_there(process)]


@pytest.mark.usefixtures("long_window")
@pytest.mark.parametrize("program", TITLES)
def test_a_killed_server_is_started_again_and_its_address_and_data_stay(
    program: str, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedServices(data_dir) as services:
        addresses = services.environment()
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE remembered AS SELECT 42 AS answer")
        caplog.clear()
        for attempt in (1, 2, 3):
            crash(program, data_dir)
            keep_running_until_both_answer(services)
            (said,) = caplog.messages
            assert said == (
                f"{TITLES[program]} has ended (killed by SIGKILL) and is started again,"
                f" attempt {attempt} of 3 within a minute."
            )
            caplog.clear()
        assert services.environment() == addresses
        with psycopg.connect(services.database_url) as connection:
            assert connection.execute("SELECT answer FROM remembered").fetchone() == (42,)


@pytest.mark.usefixtures("long_window")
@pytest.mark.parametrize("program", TITLES)
def test_a_server_that_dies_a_fourth_time_within_a_minute_is_given_up(
    program: str, data_dir: Path
) -> None:
    other = next(each for each in TITLES if each != program)
    with EmbeddedServices(data_dir, for_tests=True) as services:
        # The restarts of one server leave the other all of its own.
        for victim in (program, other, program, program):
            crash(victim, data_dir)
            keep_running_until_both_answer(services)
        crash(program, data_dir)
        with pytest.raises(
            EmbeddedError,
            match=rf"^{TITLES[program]} has ended once more \(killed by SIGKILL\) after 3 restarts"
            " within a minute; its log is .*$",
        ):
            services.keep_running()
    assert left_over(data_dir) == []


def test_restarts_longer_ago_do_not_count(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "RESTART_WINDOW", 0.0)
    with EmbeddedServices(data_dir, for_tests=True) as services:
        for _ in range(server.RESTARTS + 1):
            crash("redis-server", data_dir)
            keep_running_until_both_answer(services)


@pytest.mark.usefixtures("long_window")
def test_a_server_that_cannot_start_again_is_given_up(data_dir: Path) -> None:
    with EmbeddedServices(data_dir, for_tests=True) as services:
        with (data_dir / "postgres" / "postgresql.conf").open("a") as file:
            file.write("no_such_setting = 1\n")
        crash("postgres", data_dir)
        with pytest.raises(EmbeddedError, match=r"ended once more \(status 1\) after 3 restarts"):
            keep_running_until_both_answer(services)
    assert left_over(data_dir) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root runs the servers as another user.")
def test_a_folder_that_was_closed_meanwhile_is_opened_again(data_dir: Path) -> None:
    with EmbeddedServices(data_dir, for_tests=True) as services:
        data_dir.parent.chmod(0o700)
        crash("postgres", data_dir)
        keep_running_until_both_answer(services)


@contextmanager
def computing(database_url: str) -> Iterator[None]:
    """Have a session compute without ever looking up, and so not see that its server is gone."""
    sql = "SELECT count(*) FROM generate_series(1, 1e12)"
    connection = psycopg.connect(database_url, autocommit=True)

    def compute() -> None:
        with suppress(psycopg.OperationalError):
            connection.execute(sql)

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        with psycopg.connect(database_url, autocommit=True) as watcher:
            busy = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = %s"
            wait_until(lambda: watcher.execute(busy, [sql]).fetchone() is not None)
        yield
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()
        connection.close()


def test_a_session_that_computes_does_not_hold_up_the_restart(data_dir: Path) -> None:
    with (
        EmbeddedServices(data_dir, for_tests=True) as services,
        computing(services.database_url),
    ):
        crash("postgres", data_dir)
        keep_running_until_both_answer(services)
    assert left_over(data_dir) == []


@pytest.mark.parametrize("looks", [0, 1], ids=["before the restart", "during recovery"])
def test_an_end_right_after_a_crash_leaves_nothing_running(looks: int, data_dir: Path) -> None:
    with EmbeddedServices(data_dir) as services:
        # What was written since the last checkpoint has to be recovered.
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE numbers AS SELECT generate_series(1, 1000000)")
        crash("postgres", data_dir)
        for _ in range(looks):
            services.keep_running()
    assert left_over(data_dir) == []
    with EmbeddedServices(data_dir) as services, psycopg.connect(services.database_url) as again:
        row = again.execute("SELECT count(*) FROM numbers").fetchone()
        assert row == (1_000_000,)
