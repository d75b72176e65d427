"""`rollcall import --dry-run`: tells what would happen, and nothing does."""

from __future__ import annotations

import re

import httpx

from tests.support.shell import Shell, imports, list_emails, table


def test_nothing_is_stored_and_the_changes_are_shown(shell: Shell, http: httpx.Client) -> None:
    shell.write("email,first_name,Seats\nada@example.com,Ada,3\ngrace@example.com,,\n")
    done = shell.run("contacts.csv", "--property", "seats=Seats:number", "--dry-run")
    assert done.returncode == 0, done
    (shown,) = imports(http)
    assert f"Dry run {shown['id']} is complete. Nothing was changed.\n" in done.stdout
    assert re.search(r"\n +2 +2 +0 +0 +0 *\n", done.stdout)
    header, ada, grace = table(done.stdout, "The first changes that it would make:")
    assert header == ["row", "e-mail", "action", "fields"]
    assert ada[:3] == ["2", "ada@example.com", "created"]
    assert "first_name: nothing -> Ada" in ada[3]
    assert "properties.seats: nothing -> 3" in ada[3]
    assert grace[:3] == ["3", "grace@example.com", "created"]
    assert list_emails(http) == []
    assert http.get("/contact-properties").json()["data"] == []


def test_changes_of_contacts_that_are_there(shell: Shell, http: httpx.Client) -> None:
    for email, name in (("ada@example.com", "Ada"), ("grace@example.com", "Grace")):
        http.post("/contacts", json={"email": email, "first_name": name}).raise_for_status()
    shell.write("email,first_name\nada@example.com,Augusta\ngrace@example.com,Grace\n")
    done = shell.run("contacts.csv", "--dry-run")
    assert done.returncode == 0, done
    assert table(done.stdout, "The first changes that it would make:") == [
        ["row", "e-mail", "action", "fields"],
        ["2", "ada@example.com", "updated", "first_name: Ada -> Augusta"],
    ]
    assert http.get("/contacts/ada@example.com").json()["first_name"] == "Ada"


def test_rows_that_would_fail(shell: Shell, http: httpx.Client) -> None:
    shell.write("email\nada@example.com\nnobody\n")
    done = shell.run("contacts.csv", "--dry-run")
    assert done.returncode == 2, done
    assert "Nothing was changed." in done.stdout
    assert table(done.stdout, "Failed rows, by code:")[1:] == [["invalid_email", "1"]]
    assert table(done.stdout, "The first failed rows:")[1][:2] == ["3", "email"]
    assert "All failed rows: contacts.failures.csv\n" in done.stdout
    assert "nobody" in (shell.folder / "contacts.failures.csv").read_text(encoding="utf-8-sig")
    assert list_emails(http) == []


def test_a_dry_run_that_is_followed_is_called_one(shell: Shell, http: httpx.Client) -> None:
    shell.write("email\nada@example.com\n")
    started = shell.run("contacts.csv", "--dry-run", "--no-watch")
    assert started.returncode == 0, started
    (import_id,) = re.findall(r"--follow (\S+)", started.stdout)
    done = shell.run("--follow", import_id)
    assert done.returncode == 0, done
    assert f"Dry run {import_id} is complete. Nothing was changed.\n" in done.stdout
    assert list_emails(http) == []
