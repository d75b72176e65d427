"""The official Node clients, as their registry has them, installed next to this file."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent
# A lock file would name the registry it was made with; the clients themselves are pinned.
INSTALL = (
    *("npm", "install", "--no-package-lock", "--ignore-scripts"),
    *("--no-audit", "--no-fund", "--loglevel=error"),
)
OLDEST_NODE = 20
# How the reason of a skipped test begins.
NODE_CLIENTS_MISSING = "The Node clients cannot run: "


class ClientsUnavailable(Exception):
    """The Node clients cannot be run on this machine."""


def install_clients() -> Path:
    """Install what package.json names, once per version of that file; returns its folder."""
    _require_node()
    wanted = (FOLDER / "package.json").read_text()
    stamp = FOLDER / "node_modules" / ".installed"
    with _alone():
        if not (stamp.exists() and stamp.read_text() == wanted):
            _run(*INSTALL)
            stamp.write_text(wanted)
    return FOLDER


@contextmanager
def _alone() -> Iterator[None]:
    """Keep out the other processes that tests are run in."""
    with (FOLDER / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _require_node() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ClientsUnavailable(f"There is no `{program}` on the PATH.")
    version = _run("node", "--version").strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise ClientsUnavailable(f"Node is {version}; the clients need {OLDEST_NODE} or later.")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise ClientsUnavailable(f"`{' '.join(command)}` failed: {said[:300]}")
    return done.stdout
