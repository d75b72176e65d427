"""`rollcall import` as a process of its own, without a terminal and in one."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.forks import forks
from tests.support.patience import PATIENCE

COMMAND = [sys.executable, "-m", "rollcall", "import"]
# Anything but line ends and what can be seen.
CONTROL = re.compile(r"[^\n\x20-\x7e]")
CTRL_C = b"\x03"


@dataclass
class Shell:
    """Runs commands in a folder, with the server's address and the key in the environment."""

    folder: Path
    variables: dict[str, str]

    def write(self, text: str, name: str = "contacts.csv") -> None:
        (self.folder / name).write_text(text)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `rollcall import …` without a terminal; the key is never in what it prints."""
        done = forks.run(
            ["import", *arguments], environment=self.environment() | variables, folder=self.folder
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

    def read_until(self, pattern: str) -> None:
        while not re.search(pattern, self.written):
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


def imports(http: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/contacts/imports").json()["data"]
    return found


def list_emails(http: httpx.Client) -> list[str]:
    """Return the addresses of the team's contacts, in alphabetical order."""
    return sorted(each["email"] for each in http.get("/contacts").json()["data"])


def table(summary: str, title: str) -> list[list[str]]:
    """Return the cells of the table under a line of the summary, its header first."""
    lines = [line.strip() for line in summary.splitlines()]
    begin = lines.index(title) + 2
    end = lines.index("", begin)
    return [re.split(r" {3,}", line) for line in lines[begin:end]]
