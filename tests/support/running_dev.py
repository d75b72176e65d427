"""`rollcall dev` in a process of its own, and what it has printed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.support.ports import free_port

LAST_LINE = "Ctrl-C stops everything."
# A worker may be in the middle of a batch, and the servers write down what they hold.


@dataclass(frozen=True)
class Dev:
    """A running `rollcall dev`, what it printed, and every process it started."""

    process: subprocess.Popen[str]
    printed: str

    @property
    def key(self) -> str:
        return self._find(r"API key +(re_\S+)")

    @property
    def url(self) -> str:
        return self._find(r"URL +(http://\S+)")

    @property
    def link(self) -> str:
        """The link that signs a browser in."""
        return self._find(r"\n +(http://\S+/dashboard/enter/\S+)\n")

    def client(self) -> httpx.Client:
        """Return an HTTP client with the printed key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers)

    @property
    def own_file_lines(self) -> str:
        return self._find(r"\n +(export .*\n.* import contacts\.csv)\n")

    @property
    def import_line(self) -> str:
        return self._find(r"\n +(printf .*)")

    @property
    def watch_line(self) -> str:
        return self._find(r"\n +(curl .*)")

    def family(self) -> list[psutil.Process]:
        children: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return children

    def child(self, command: str) -> psutil.Process:
        return next(each for each in self.family() if command in each.cmdline())

    def _find(self, pattern: str) -> str:
        found = re.search(pattern, self.printed)
        assert found, self.printed
        return found[1]


@contextmanager
def dev(data_dir: Path, *options: str) -> Iterator[Dev]:
    command = [sys.executable, "-m", "rollcall", "dev", "--data-dir", str(data_dir), *options]
    if "--port" not in options:
        command += ["--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=None, text=True) as process:
        try:
            assert process.stdout
            printed = ""
            while LAST_LINE not in printed:
                line = process.stdout.readline()
                assert line, f"It ended before it was ready: {printed}"
                printed += line
            yield Dev(process, printed)
        finally:
            process.terminate()
