"""What `rollcall import` cannot do: it says why, and its exit status is 1."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Product, Team
from tests.support.ports import free_port
from tests.support.proxy import Fault, proxied
from tests.support.shell import COMMAND, Shell, imports


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
    shell: Shell, http: httpx.Client, arguments: list[str], message: str
) -> None:
    shell.write("email\nada@example.com\n")
    shell.write("", "empty.csv")
    done = shell.run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert imports(http) == []


def test_an_option_that_does_not_exist_is_not_the_status_of_failed_rows() -> None:
    done = subprocess.run(
        [*COMMAND, "contacts.csv", "--nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "No such option" in done.stderr


def test_a_key_that_cannot_be_sent_is_not_shown(shell: Shell) -> None:
    shell.write("email\n")
    done = shell.run("contacts.csv", ROLLCALL_API_KEY="re_secret\nX-Other: 1")
    assert done.returncode == 1
    assert "re_secret" not in done.stderr
    assert "The API key" in done.stderr


def test_a_server_that_is_down(shell: Shell) -> None:
    shell.write("email\n")
    url = f"http://127.0.0.1:{free_port()}"
    done = shell.run("contacts.csv", "--url", url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"No answer from {url} ")
    assert "Nothing is imported." in done.stderr


@pytest.mark.parametrize("option", ["--dry-run", "--no-resubscribe", "--resubscribe"])
def test_a_server_that_would_ignore_an_option_is_sent_nothing(
    option: str, shell: Shell, team: Team, http: httpx.Client
) -> None:
    shell.write("email\nada@example.com\n")
    with proxied(team.url) as proxy:
        proxy.faults = [Fault(method="GET", path="/openapi.json", status=404)]
        done = shell.run("contacts.csv", option, "--url", proxy.url)
        assert [method for method, _, _ in proxy.seen] == ["GET", "GET"]
    assert done.returncode == 1
    assert re.search(rf"does not know .*{option}\b", done.stderr)
    assert imports(http) == []


def test_a_segment_of_another_team(
    shell: Shell, http: httpx.Client, new_team: Callable[[], Team]
) -> None:
    other_team = new_team()
    with other_team.client() as other:
        segment = other.post("/segments", json={"name": "Theirs"}).json()["id"]
        theirs = Shell(shell.folder, shell.variables | {"ROLLCALL_API_KEY": other_team.key})
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
    ("options", "kind", "remains"),
    [
        ([], "Import", "What was done before that stays done:"),
        (["--dry-run"], "Dry run", "Nothing was changed."),
    ],
)
def test_an_import_that_fails_as_a_whole(
    options: list[str], kind: str, remains: str, product: Product, team_key: str, tmp_path: Path
) -> None:
    """Its file is lost before a worker comes to it."""
    url = product.start_api()
    shell = Shell(tmp_path, {"ROLLCALL_URL": url, "ROLLCALL_API_KEY": team_key})
    shell.write("email\nada@example.com\n")
    started = shell.run("contacts.csv", "--no-watch", *options)
    assert started.returncode == 0
    (follow,) = re.findall(r"--follow (\S+)", started.stdout)
    for stored in (tmp_path / "uploads").glob("**/*"):
        if stored.is_file():
            stored.unlink()
    product.start("worker")
    done = shell.run("--follow", follow)
    assert done.returncode == 1
    assert done.stdout.startswith(
        f"{kind} {follow} has failed. The uploaded file is no longer in the storage. {remains}\n"
    )


@pytest.mark.parametrize(
    ("options", "kind", "remains"),
    [
        ([], "Import", "What was done before that stays done:"),
        (["--dry-run"], "Dry run", "Nothing was changed."),
    ],
)
def test_an_import_that_is_cancelled(
    options: list[str], kind: str, remains: str, product: Product, team_key: str, tmp_path: Path
) -> None:
    """What remains of it is said once, and nothing is said to remain of a dry run."""
    url = product.start_api()
    shell = Shell(tmp_path, {"ROLLCALL_URL": url, "ROLLCALL_API_KEY": team_key})
    shell.write("email\nada@example.com\n")
    started = shell.run("contacts.csv", "--no-watch", *options)
    assert started.returncode == 0
    (follow,) = re.findall(r"--follow (\S+)", started.stdout)
    headers = {"Authorization": f"Bearer {team_key}"}
    answer = httpx.post(f"{url}/contacts/imports/{follow}/cancel", headers=headers)
    assert answer.status_code == 200
    done = shell.run("--follow", follow)
    assert done.returncode == 1, done
    headline, _, _ = done.stdout.partition("\n")
    assert headline == f"{kind} {follow} was cancelled. {remains}"
    assert "kept" not in done.stdout
