"""Processes that are forked are like those that are started, for whoever looks at them."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from rollcall import __version__
from tests.support.forks import Forked, forks
from tests.support.patience import PATIENCE, wait_until
from tests.support.ports import free_port

AWAY = {
    "ROLLCALL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "ROLLCALL_REDIS_URL": "redis://127.0.0.1:1/0",
    "ROLLCALL_STORAGE_URL": "file:///nowhere",
}


def test_it_runs_to_its_end_in_its_folder_and_environment(tmp_path: Path) -> None:
    environment = {**os.environ, **AWAY, "ROLLCALL_DATABASE_URL": "nonsense"}
    assert forks.run(["--version"], environment=environment).stdout == f"rollcall {__version__}\n"
    done = forks.run(["migrate"], environment=environment, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ROLLCALL_DATABASE_URL: ")


def start_api(tmp_path: Path) -> tuple[Forked, Path]:
    log = tmp_path / "log"
    with log.open("wb") as output:
        arguments = ["api", "--port", str(free_port())]
        process = forks.start(
            arguments, environment={**os.environ, **AWAY}, output=output, folder=tmp_path
        )
    wait_until(lambda: process.poll() is not None or "running on" in log.read_text())
    return process, log


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    process, log = start_api(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    running = psutil.Process(process.pid)
    assert os.getsid(process.pid) == process.pid
    assert running.cwd() == str(tmp_path)
    assert {file.fd for file in running.open_files()} <= {1, 2}
    process.send_signal(signal.SIGTERM)
    # The server raises it again when it has stopped.
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert process.poll() == -signal.SIGTERM
    assert "Shutting down" in log.read_text()
    process.kill()


def test_one_that_is_killed_says_so(tmp_path: Path) -> None:
    process, _ = start_api(tmp_path)
    process.kill()
    assert process.wait(PATIENCE) == -signal.SIGKILL


def test_the_tests_may_have_many_files_open() -> None:
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        with ExitStack() as stack:
            while stack.enter_context(Path(os.devnull).open()).fileno() < 1100:
                pass
            assert forks.run(["--version"], environment={**os.environ}).returncode == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
