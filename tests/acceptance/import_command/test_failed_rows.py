"""Rows that fail: `rollcall import` shows the first, saves all, and its exit status is 2."""

from __future__ import annotations

import re

import httpx

from tests.acceptance.import_command.shell import Shell
from tests.proxy import Fault, proxied


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
