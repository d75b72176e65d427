"""`rollcall import` as a person and as a script meet it: a process of its own, real servers."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rollcall.client.api import Api
from rollcall.client.errors import ClientError
from tests.acceptance.conftest import Product
from tests.acceptance.test_dev import free_port
from tests.proxy import Fault, proxied

COMMAND = [sys.executable, "-m", "rollcall", "import"]
# Anything but line ends and what can be seen.
CONTROL = re.compile(r"[^\n\x20-\x7e]")
CTRL_C = b"\x03"
PATIENCE = 90


@dataclass
class Shell:
    """Runs commands in a folder, with the server's address and the key in the environment."""

    folder: Path
    variables: dict[str, str]

    def write(self, text: str, name: str = "contacts.csv") -> None:
        (self.folder / name).write_text(text)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `rollcall import …` without a terminal; the key is never in what it prints."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment() | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert self.variables["ROLLCALL_API_KEY"] not in done.stdout + done.stderr
        assert not CONTROL.search(done.stdout + done.stderr), done
        assert "Traceback" not in done.stderr
        return done

    def environment(self) -> dict[str, str]:
        return {**os.environ, "FORCE_COLOR": "1", **self.variables}


@dataclass
class Terminal:
    """A command in a terminal, and everything that it has written there."""

    process: subprocess.Popen[bytes]
    descriptor: int
    written: str = ""

    def read_until(self, text: str) -> None:
        while text not in self.written:
            assert self._read(), self.written

    def press(self, key: bytes) -> None:
        os.write(self.descriptor, key)

    def read_to_end(self) -> int:
        """Return the exit status."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            # What Linux says when the other end of a terminal is closed.
            return False
        self.written += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def terminal(shell: Shell, *arguments: str) -> Iterator[Terminal]:
    """Run `rollcall import …` in a terminal, which is the one that Ctrl-C comes from."""
    take_it = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    go_on = "os.execv(sys.argv[1], sys.argv[1:])"
    size = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", f"{take_it} {go_on}", *COMMAND, *arguments],
        cwd=shell.folder,
        env=shell.environment() | size,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    ) as process:
        os.close(its)
        try:
            yield Terminal(process, ours)
        finally:
            process.kill()
            os.close(ours)


@pytest.fixture
def shell(base_url: str, team_key: str, tmp_path: Path) -> Shell:
    """A folder of its own, and the running product."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Shell(folder, {"ROLLCALL_URL": base_url, "ROLLCALL_API_KEY": team_key})


@pytest.fixture
def shell_without_worker(api: str, team_key: str, tmp_path: Path) -> Shell:
    """A folder of its own, and an API only."""
    return Shell(tmp_path, {"ROLLCALL_URL": api, "ROLLCALL_API_KEY": team_key})


def imports(http: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/contacts/imports").json()["data"]
    return found


def test_all_rows_are_in(shell: Shell, http: httpx.Client) -> None:
    segment = http.post("/segments", json={"name": "Newsletter"}).json()["id"]
    topic = http.post("/topics", json={"name": "News", "default_subscription": "opt_out"}).json()
    shell.write(
        "E=mail,Name,Plan: now,Seats\nada@example.com,Ada,pro,3\ngrace@example.com,,free,\n"
    )
    done = shell.run(
        "contacts.csv",
        *("--map", "email=E=mail", "--map", "first_name=Name"),
        *("--property", "plan=Plan: now:string", "--property", "seats=Seats:number"),
        *("--segment", segment, "--topic", f"{topic['id']}=opt_in"),
    )
    assert done.returncode == 0, done
    (shown,) = imports(http)
    assert f"Import {shown['id']} is complete." in done.stdout
    assert re.search(
        r"total +created +updated +skipped +failed *\n +2 +2 +0 +0 +0 *\n", done.stdout
    )
    assert "Uploading: 100%" in done.stderr
    assert f"Import {shown['id']} is with the server." in done.stderr
    ada = http.get("/contacts/ada@example.com").json()
    assert ada["first_name"] == "Ada"
    assert ada["properties"] == {
        "plan": {"value": "pro", "type": "string"},
        "seats": {"value": 3, "type": "number"},
    }
    joined = http.get("/contacts/ada@example.com/segments").json()["data"]
    assert [each["id"] for each in joined] == [segment]
    chosen = http.get("/contacts/ada@example.com/topics").json()["data"]
    assert [each["subscription"] for each in chosen] == ["opt_in"]


def test_properties_alone_and_contacts_that_are_there(shell: Shell, http: httpx.Client) -> None:
    shell.write("email,first_name,Plan\nada@example.com,Ada,pro\n")
    assert shell.run("contacts.csv", "--property", "plan=Plan").returncode == 0
    assert http.get("/contacts/ada@example.com").json()["first_name"] == "Ada"
    skipped = shell.run("contacts.csv", "--on-conflict", "skip")
    assert skipped.returncode == 0
    assert imports(http)[0]["counts"]["skipped"] == 1


def test_some_rows_failed(shell: Shell) -> None:
    shell.write("email\nada@example.com\nnobody\n")
    done = shell.run("contacts.csv")
    assert done.returncode == 2
    assert re.search(r"\n +2 +1 +0 +0 +1 *\n", done.stdout)


def test_a_server_that_does_not_tell_the_failed_rows(
    shell: Shell, base_url: str, http: httpx.Client
) -> None:
    shell.write("email\nnobody\n")
    with proxied(base_url) as proxy:
        proxy.faults = [
            Fault(method="GET", path="/failures", status=404),
            Fault(method="GET", path="/failures.csv", status=404),
        ]
        done = shell.run("contacts.csv", "--url", proxy.url)
        assert proxy.faults == []
    assert done.returncode == 2
    assert f"{proxy.url} is older than this command: it has no list of failed rows." in done.stdout
    assert [path.name for path in shell.folder.iterdir()] == ["contacts.csv"]


@pytest.mark.parametrize("option", ["--dry-run", "--no-resubscribe", "--resubscribe"])
def test_a_server_that_would_ignore_an_option_is_sent_nothing(
    option: str, shell: Shell, base_url: str, http: httpx.Client
) -> None:
    shell.write("email\nada@example.com\n")
    with proxied(base_url) as proxy:
        proxy.faults = [Fault(method="GET", path="/openapi.json", status=404)]
        done = shell.run("contacts.csv", option, "--url", proxy.url)
        assert [method for method, _, _ in proxy.seen] == ["GET", "GET"]
    assert done.returncode == 1
    assert re.search(rf"does not know .*{option}\b", done.stderr)
    assert imports(http) == []


def test_an_import_that_fails_as_a_whole(product: Product, team_key: str, tmp_path: Path) -> None:
    """Its file is lost before a worker comes to it."""
    url = product.start_api()
    shell = Shell(tmp_path, {"ROLLCALL_URL": url, "ROLLCALL_API_KEY": team_key})
    shell.write("email\nada@example.com\n")
    started = shell.run("contacts.csv", "--no-watch")
    assert started.returncode == 0
    (follow,) = re.findall(r"--follow (\S+)", started.stdout)
    for stored in (tmp_path / "uploads").glob("**/*"):
        if stored.is_file():
            stored.unlink()
    product.start("worker")
    done = shell.run("--follow", follow)
    assert done.returncode == 1
    assert f"Import {follow} has failed. The uploaded file is no longer in the storage." in (
        done.stdout
    )


def test_a_segment_of_another_team(
    shell: Shell, make_key: Callable[[str], str], http: httpx.Client, base_url: str
) -> None:
    headers = {"Authorization": f"Bearer {make_key('team b')}"}
    with httpx.Client(base_url=base_url, headers=headers) as other:
        segment = other.post("/segments", json={"name": "Theirs"}).json()["id"]
        theirs = Shell(
            shell.folder, shell.variables | {"ROLLCALL_API_KEY": headers["Authorization"][7:]}
        )
        shell.write("email\nada@example.com\n")
        assert theirs.run("contacts.csv").returncode == 0
        (shown,) = imports(other)
    done = shell.run("contacts.csv", "--segment", segment)
    assert done.returncode == 1
    assert f"Segment {segment} not found" in done.stderr
    assert imports(http) == []
    followed = shell.run("--follow", shown["id"])
    assert (followed.returncode, followed.stdout) == (1, "")
    assert "Contact import not found" in followed.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["contacts.csv", "--map", "email=Address"], 'CSV missing required "Address" column'),
        (["contacts.csv", "--property", "p=Nope"], 'CSV missing mapped "Nope" column'),
        (["contacts.csv", "--topic", "x=opt_in"], "Invalid `topics[0].id`"),
        (["contacts.csv", "--map", "mail=email"], "mail is no contact field"),
        (["empty.csv"], "The `file` is empty"),
        (["nothing.csv"], "Cannot read nothing.csv: No such file or directory."),
        (["."], "Cannot read .: it is no regular file."),
        (["contacts.csv", "--url", "localhost"], "--url has to look like"),
        (["contacts.csv", "--key", "re_wrong"], "refuses the key: API key is invalid."),
        (["contacts.csv", "--key", ""], "Give --key, or set ROLLCALL_API_KEY."),
        (["contacts.csv", "--failures", "no/where.csv"], "there is no such folder"),
        (["contacts.csv", "--follow", "x"], "Give a FILE to import, or --follow"),
        ([], "Give a FILE to import, or --follow"),
        (["--follow", "../segments"], "The `id` must be a valid UUID"),
    ],
)
def test_what_cannot_be_imported_is_said_and_status_1(
    shell_without_worker: Shell, client: httpx.Client, arguments: list[str], message: str
) -> None:
    shell_without_worker.write("email\nada@example.com\n")
    shell_without_worker.write("", "empty.csv")
    done = shell_without_worker.run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert imports(client) == []


def test_an_option_that_does_not_exist_is_not_the_status_of_failed_rows() -> None:
    done = subprocess.run(
        [*COMMAND, "contacts.csv", "--nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "No such option" in done.stderr


def test_a_key_that_cannot_be_sent_is_not_shown(shell_without_worker: Shell) -> None:
    shell_without_worker.write("email\n")
    done = shell_without_worker.run("contacts.csv", ROLLCALL_API_KEY="re_secret\nX-Other: 1")
    assert done.returncode == 1
    assert "re_secret" not in done.stderr
    assert "The API key" in done.stderr


def test_a_server_that_is_down(shell_without_worker: Shell) -> None:
    shell_without_worker.write("email\n")
    url = f"http://127.0.0.1:{free_port()}"
    done = shell_without_worker.run("contacts.csv", "--url", url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"No answer from {url} ")
    assert "Nothing is imported." in done.stderr


def test_a_large_file_is_never_in_memory(product: Product, team_key: str, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    with file.open("wb") as opened:
        opened.truncate(150_000_000)
    api = Api(product.start_api(), team_key, notice=print)
    tracemalloc.start()
    try:
        with pytest.raises(ClientError, match="longer than 256 KiB"):
            api.upload(file, {}, lambda _: None)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
        api.close()


def test_the_bar_on_a_terminal(shell: Shell, http: httpx.Client) -> None:
    rows = "".join(f"ada{number}@example.com\n" for number in range(200_000))
    shell.write(f"email\n{rows}nobody\n")
    with terminal(shell, "contacts.csv") as screen:
        status = screen.read_to_end()
    assert status == 2, screen.written
    assert "\u2501" in screen.written
    assert re.search(r"Importing|Waiting for a worker", screen.written)
    # The cursor is back.
    assert screen.written.rindex("\x1b[?25h") > screen.written.rindex("\x1b[?25l")
    after = screen.written[screen.written.rindex("\x1b[?25h") :]
    assert f"Import {imports(http)[0]['id']} is complete." in after
    assert re.search(r"200,001 +200,000 +0 +0 +1", after)
    assert shell.variables["ROLLCALL_API_KEY"] not in screen.written


def test_ctrl_c_leaves_the_import_running_and_says_how_to_follow_it(
    product: Product, team_key: str, tmp_path: Path
) -> None:
    url = product.start_api()
    shell = Shell(tmp_path, {"ROLLCALL_URL": url, "ROLLCALL_API_KEY": team_key})
    shell.write("email\nada@example.com\n")
    with terminal(shell, "contacts.csv") as screen:
        screen.read_until("Waiting for a worker")
        screen.press(CTRL_C)
        status = screen.read_to_end()
    assert status == 130
    assert "Traceback" not in screen.written
    assert "\x1b[?25h" in screen.written
    (follow,) = re.findall(r"to follow it: (.*?)\r", screen.written)
    product.start("worker")
    done = subprocess.run(
        ["sh", "-c", follow],
        cwd=shell.folder,
        env=shell.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done
    assert "is complete." in done.stdout


def test_ctrl_c_before_the_upload_is_through(
    shell_without_worker: Shell, client: httpx.Client
) -> None:
    """The server takes no more of the file, so that the upload stands still."""
    with (shell_without_worker.folder / "contacts.csv").open("wb") as opened:
        opened.truncate(100_000_000)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with terminal(shell_without_worker, "contacts.csv", "--url", url) as screen:
            first, _ = silent.accept()
            with first:
                body = b'{"object":"list","data":[]}'
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                first.recv(65536)
                first.sendall(head.encode() + body)
                screen.read_until("Uploading")
                screen.press(CTRL_C)
                status = screen.read_to_end()
    assert status == 130
    assert "Interrupted. Nothing is imported." in screen.written
    assert imports(client) == []
