"""The embedded PostgreSQL and Redis: started, stopped, killed, taken over."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from rollcall.embedded import EmbeddedError, EmbeddedServices
from rollcall.embedded.accounts import account_for
from tests.support.patience import PATIENCE

# Starts servers in a process that is then killed, and says which pids they have. As "orphans" they
# are started without the request to the kernel that ends them together with that process.
OWNER = """
import json, os, sys, pathlib, psutil
from rollcall.embedded import EmbeddedServices, processes
if sys.argv[2] == "orphans":
    processes._die_with_parent = lambda death_signal: None
services = EmbeddedServices(pathlib.Path(sys.argv[1]))
services.start()
pids = [child.pid for child in psutil.Process().children()]
print(json.dumps({"url": services.database_url, "pids": pids}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    # A space, as a folder of a person may have one.
    return tmp_path / "my data"


@pytest.fixture
def owner(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A killed owner of servers that lived on: orphans."""
    with start_owner(data_dir, "orphans") as process:
        yield process
        process.kill()


def start_owner(data_dir: Path, kind: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(owner: subprocess.Popen[str]) -> tuple[str, list[psutil.Process]]:
    """Kill the owner as soon as its servers run; return the database's address and the servers."""
    assert owner.stdout
    started = json.loads(owner.stdout.readline())
    servers = [psutil.Process(pid) for pid in started["pids"]]
    owner.kill()
    owner.wait()
    return started["url"], servers


def remember(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE remembered AS SELECT 42 AS answer")


def recall(database_url: str) -> object:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT answer FROM remembered").fetchone()
    return row and row[0]


def test_both_answer_and_keep_their_data_between_runs(data_dir: Path) -> None:
    with EmbeddedServices(data_dir) as services:
        remember(services.database_url)
        with redis.Redis.from_url(services.redis_url) as client:
            client.set("bell", "rung")
    with EmbeddedServices(data_dir) as services:
        assert recall(services.database_url) == 42
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.get("bell") == b"rung"


def test_what_is_needed_of_the_servers_is_there(data_dir: Path) -> None:
    with (
        EmbeddedServices(data_dir) as services,
        psycopg.connect(services.database_url) as connection,
    ):
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync'),"
            " pg_encoding_to_char(encoding), uuid_extract_version(uuidv7())"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        storage = Path(urllib.parse.unquote(urllib.parse.urlsplit(services.storage_url).path))
        assert storage == data_dir / "uploads"
        assert storage.is_dir()
    assert row == (18, "on", "UTF8", 7)


def test_nothing_runs_after_the_end(data_dir: Path) -> None:
    others = set(psutil.Process().children())
    with EmbeddedServices(data_dir, for_tests=True):
        servers = set(psutil.Process().children()) - others
        assert {server.name() for server in servers} == {"postgres", "redis-server"}
    assert not any(server.is_running() for server in servers)


def test_nobody_gets_in_without_the_password(data_dir: Path) -> None:
    with EmbeddedServices(data_dir, for_tests=True) as services:
        wrong = services.database_url.replace(":", ":not-", 2).replace(
            "postgresql:not-", "postgresql:"
        )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        anonymous = "redis://" + services.redis_url.split("@")[1]
        with (
            redis.Redis.from_url(anonymous) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_two_cannot_run_on_the_same_data(data_dir: Path) -> None:
    with EmbeddedServices(data_dir, for_tests=True) as services:
        with (
            pytest.raises(EmbeddedError, match="in use by another Rollcall"),
            EmbeddedServices(data_dir, for_tests=True),
        ):
            pass
        services.check()
        remember(services.database_url)


def test_servers_that_outlived_a_killed_owner_are_taken_over(
    data_dir: Path, owner: subprocess.Popen[str]
) -> None:
    url, orphans = kill(owner)
    assert all(orphan.is_running() for orphan in orphans)
    remember(url)
    with EmbeddedServices(data_dir, for_tests=True) as services:
        assert recall(services.database_url) == 42
        assert not any(orphan.is_running() for orphan in orphans)


def test_a_postmaster_that_was_killed_itself_is_no_obstacle(
    data_dir: Path, owner: subprocess.Popen[str]
) -> None:
    url, orphans = kill(owner)
    remember(url)
    for orphan in orphans:
        orphan.kill()
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    with EmbeddedServices(data_dir, for_tests=True) as services:
        assert recall(services.database_url) == 42


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a child of its parent's end.")
def test_the_servers_end_with_a_killed_owner(data_dir: Path) -> None:
    with start_owner(data_dir, "children") as owner:
        _, servers = kill(owner)
    _, alive = psutil.wait_procs(servers, timeout=PATIENCE)
    assert alive == []


def test_a_foreign_process_with_the_old_pid_is_left_alone(data_dir: Path) -> None:
    # Durable as `rollcall dev` is: what was committed is there however the server has ended.
    with EmbeddedServices(data_dir) as services:
        remember(services.database_url)
        pid_file = (data_dir / "postgres" / "postmaster.pid").read_text()
    account = account_for(data_dir / "postgres")
    with subprocess.Popen(["sleep", "600"], user=account.uid, group=account.gid) as foreign:
        try:
            lines = [str(foreign.pid), *pid_file.splitlines()[1:]]
            (data_dir / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
            with EmbeddedServices(data_dir, for_tests=True) as services:
                assert recall(services.database_url) == 42
            assert foreign.poll() is None
        finally:
            foreign.kill()


def test_a_failed_start_shows_the_log_and_leaves_nothing_running(data_dir: Path) -> None:
    with EmbeddedServices(data_dir, for_tests=True):
        before = {child.pid for child in psutil.Process().children()}
    with (data_dir / "postgres" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with (
        pytest.raises(
            EmbeddedError, match='unrecognized configuration parameter "no_such_setting"'
        ),
        EmbeddedServices(data_dir, for_tests=True),
    ):
        pass
    after = {child.pid for child in psutil.Process().children()}
    assert after <= before
