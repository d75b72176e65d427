"""`rollcall dev` as a person meets it: real processes, the printed lines, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.patience import PATIENCE, wait_until
from tests.support.running_dev import dev


def shell(line: str) -> Any:
    """Run a printed line exactly as a person would, and read the JSON that it shows."""
    shown = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return json.loads(shown.stdout)


def finished_imports(line: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE
    while True:
        imports: list[dict[str, Any]] = shell(line)["data"]
        if all(each["status"] in {"completed", "failed"} for each in imports):
            return imports
        assert time.monotonic() < deadline, imports
        time.sleep(0.1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="The printed lines call curl.")
def test_the_printed_lines_work_and_a_second_start_finds_everything(tmp_path: Path) -> None:
    with dev(tmp_path / "data") as first:
        created = shell(first.import_line)
        assert created["object"] == "contact_import"
        (done,) = finished_imports(first.watch_line)
        assert done["id"] == created["id"]
        assert done["status"] == "completed"
        assert first.printed.index(first.link) < first.printed.index(first.key)
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(first.link)
        assert (page.status_code, page.url.path) == (200, "/dashboard/imports")
        assert (done["counts"]["total"], done["counts"]["created"]) == (1, 1)
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(PATIENCE) == 0

    with dev(tmp_path / "data") as second:
        assert second.key == first.key
        assert shell(second.watch_line)["data"] == [done]
        shell(second.import_line)
        again, _ = finished_imports(second.watch_line)
        assert (again["counts"]["created"], again["counts"]["updated"]) == (0, 1)


def test_the_printed_lines_import_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("email\nada@example.com\n")
    with dev(tmp_path / "data") as running:
        done = subprocess.run(
            ["sh", "-c", running.own_file_lines],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr.count(running.key)) == (0, 0), done.stderr
        (shown,) = finished_imports(running.watch_line)
        assert shown["id"] in done.stdout
        assert shown["counts"]["created"] == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_process(number: signal.Signals, tmp_path: Path) -> None:
    with dev(tmp_path / "data") as running:
        family = running.family()
        names = {each.name() for each in family}
        assert {"postgres", "redis-server"} <= names
        assert running.child("api").is_running()
        assert running.child("worker").is_running()
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE) == 0
        assert [each for each in family if each.is_running()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a child of its parent's end.")
def test_a_killed_parent_leaves_nothing_behind(tmp_path: Path) -> None:
    with dev(tmp_path / "data") as running:
        family = running.family()
        running.process.kill()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert alive == []


@pytest.mark.parametrize("part", ["api", "worker"])
def test_a_part_that_dies_is_named_and_the_rest_stopped(
    part: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with dev(tmp_path / "data") as running:
        family = running.family()
        running.child(part).kill()
        assert running.process.wait(PATIENCE) == 1
        assert [each for each in family if each.is_running()] == []
    assert f"The {part} has ended with status -9" in capfd.readouterr().err


def test_an_import_goes_on_when_both_servers_are_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_BATCH_ROWS", "500")
    monkeypatch.setenv("ROLLCALL_LEASE_SECONDS", "2")
    rows = [f"contact-{number % 95_000}@example.com,N{number}\n" for number in range(99_000)]
    rows += ["not-an-address,Nobody\n"] * 1_000
    with dev(tmp_path / "data") as running, running.client() as client:
        parts = [running.child("api"), running.child("worker")]
        created = _create_import(client, "email,first_name\n" + "".join(rows))
        for victim in ("postgres", "redis-server", "postgres"):
            before = _total(client, created)
            wait_until(lambda before=before: _total(client, created) > before)  # type: ignore[misc]
            assert _total(client, created) < len(rows)
            _kill_server(running.process, victim)
        done = _await_end(client, created)
        assert done["status"] == "completed"
        assert done["counts"] == {
            "total": 100_000,
            "created": 95_000,
            "updated": 4_000,
            "skipped": 0,
            "failed": 1_000,
        }
        # The next import needs the bell and the tables as they were.
        assert _await_end(client, _create_import(client, "email\nada@example.com\n"))["counts"][
            "created"
        ]
        assert all(part.is_running() for part in parts)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE) == 0
    said = capfd.readouterr().err
    assert said.count("PostgreSQL has ended (killed by SIGKILL) and is started again, attempt") == 2
    assert said.count("Redis has ended (killed by SIGKILL) and is started again, attempt 1") == 1


@pytest.mark.parametrize(
    ("command", "program"),
    [("dev", "postgres"), ("services", "postgres"), ("services", "redis-server")],
)
def test_a_server_that_keeps_dying_ends_everything(
    command: str, program: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with _started(command, tmp_path / "data") as process:
        family = psutil.Process(process.pid).children(recursive=True)
        for _ in range(4):
            wait_until(lambda: _find_server(process, program) is not None)
            _kill_server(process, program)
        assert process.wait(PATIENCE) == 1
        assert [each for each in family if _is_alive(each)] == []
    title, log = {
        "postgres": ("PostgreSQL", "postgres.log"),
        "redis-server": ("Redis", "redis.log"),
    }[program]
    *_, last = capfd.readouterr().err.splitlines()
    assert last == (
        f"rollcall: {title} has ended once more (killed by SIGKILL) after 3 restarts within a"
        f" minute; its log is {tmp_path / 'data' / log}."
    )


@contextmanager
def _started(command: str, data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    if command == "dev":
        with dev(data_dir) as running:
            yield running.process
        return
    arguments = [sys.executable, "-m", "rollcall", command, "--data-dir", str(data_dir)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert "are running" in process.stdout.readline()
            yield process
        finally:
            process.terminate()


def _find_server(owner: subprocess.Popen[str], program: str) -> psutil.Process | None:
    children: list[psutil.Process] = psutil.Process(owner.pid).children()
    return next((each for each in children if _is(each, program)), None)


def _is(process: psutil.Process, program: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.name() == program and _is_alive(process)
    return False


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _kill_server(owner: subprocess.Popen[str], program: str) -> None:
    server = _find_server(owner, program)
    assert server
    server.kill()
    wait_until(lambda: not _is_alive(server))


def _create_import(client: httpx.Client, text: str) -> str:
    """Create an import as soon as the API can, which a server that is away keeps it from."""
    answers: list[httpx.Response] = []

    def create() -> bool:
        answers.append(client.post("/contacts/imports", files={"file": text.encode()}))
        return answers[-1].status_code == 201

    wait_until(create)
    created: str = answers[-1].json()["id"]
    return created


def _show(client: httpx.Client, created: str) -> dict[str, Any]:
    """Return the import, empty while the API cannot look."""
    answer = client.get(f"/contacts/imports/{created}")
    shown: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return shown


def _total(client: httpx.Client, created: str) -> int:
    total: int = _show(client, created).get("counts", {}).get("total", -1)
    return total


def _await_end(client: httpx.Client, created: str) -> dict[str, Any]:
    wait_until(lambda: _show(client, created).get("status") in {"completed", "failed"})
    return _show(client, created)


def test_a_given_key_is_valid_and_private(tmp_path: Path) -> None:
    key = "re_" + "0123456789abcdef" * 2
    with dev(tmp_path / "data", "--api-key", key) as running:
        assert running.key == key
        assert shell(running.watch_line)["data"] == []
    with dev(tmp_path / "data") as running:
        assert running.key != key
        assert shell(running.watch_line)["data"] == []
        file = tmp_path / "data" / "api-key"
        assert file.read_text().strip() == running.key
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "rollcall", "dev", "--port", port]
        result = subprocess.run(
            [*command, "--data-dir", str(tmp_path / "data")],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert "--port" in result.stderr
    assert not (tmp_path / "data").exists()


def test_services_write_their_addresses_down_and_take_them_away(tmp_path: Path) -> None:
    env_file = tmp_path / "data" / "env"
    command = [sys.executable, "-m", "rollcall", "services", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert str(env_file) in process.stdout.readline()
            settings = dict(line.split("=", 1) for line in env_file.read_text().splitlines())
            assert env_file.stat().st_mode & 0o777 == 0o600
            migrated = subprocess.run(
                [sys.executable, "-m", "rollcall", "migrate"],
                env=os.environ | settings,
                check=False,
            )
            assert migrated.returncode == 0
            key = subprocess.run(
                [sys.executable, "-m", "rollcall", "keys", "create", "--team", "Acme"],
                env=os.environ | settings,
                capture_output=True,
                text=True,
                check=True,
            )
            assert re.fullmatch(r"re_\S{20,}\n", key.stdout)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert set(settings) == {"ROLLCALL_DATABASE_URL", "ROLLCALL_REDIS_URL", "ROLLCALL_STORAGE_URL"}
    assert not env_file.exists()
