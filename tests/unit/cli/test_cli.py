"""The command line's own part: versions, mistakes, exit statuses."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rollcall import __version__
from tests.support.forks import forks


def rollcall(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ROLLCALL_")
    }
    return forks.run(arguments, environment=environment)


def test_version() -> None:
    command = [sys.executable, "-m", "rollcall", "--version"]
    assert subprocess.check_output(command, text=True) == f"rollcall {__version__}\n"


@pytest.mark.parametrize(
    "command", [["api"], ["worker"], ["migrate"], ["keys", "create", "--team", "Acme"]]
)
def test_missing_settings_end_a_command_with_status_2_and_no_traceback(command: list[str]) -> None:
    result = rollcall(*command)
    assert result.returncode == 2
    assert result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "ROLLCALL_DATABASE_URL",
        "ROLLCALL_REDIS_URL",
        "ROLLCALL_STORAGE_URL",
    ]


@pytest.mark.parametrize(
    "command", [["dev", "--api-key", "sk_1"], ["keys", "create", "--team", "A", "--token", "sk_1"]]
)
def test_a_key_has_to_look_like_one(command: list[str]) -> None:
    result = rollcall(*command)
    assert result.returncode == 2
    assert "re_" in result.stderr


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("rollcall.cli.app", {"polars", "fastapi", "sqlalchemy", "psutil", "httpx"}),
        # They read records, which takes a worker: a fifth of the memory of an API process.
        # Nor do they load what few uploads need, or only a process of its own.
        (
            "rollcall.api.app",
            {
                "polars",
                "numpy",
                "prometheus_client",
                "rollcall.imports.formats.child.archive",
                "xml",
            },
        ),
        ("rollcall.worker.service", {"fastapi", "starlette", "sqlalchemy", "prometheus_client"}),
        ("rollcall.client.importing", {"polars", "fastapi", "sqlalchemy"}),
    ],
)
def test_what_a_process_does_not_need_is_not_loaded(module: str, heavy: set[str]) -> None:
    script = f"import sys, {module}; print({heavy} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"
