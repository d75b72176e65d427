"""What deserves a look although no row fails, and the consent of those who have unsubscribed."""

from __future__ import annotations

import httpx
import pytest

from tests.support.shell import Shell, table


@pytest.mark.parametrize(
    ("options", "unsubscribed", "warning"),
    [
        ([], False, "resubscribed"),
        (["--resubscribe"], False, "resubscribed"),
        (["--no-resubscribe"], True, "kept_unsubscribed"),
    ],
)
def test_a_contact_that_has_unsubscribed(
    shell: Shell, http: httpx.Client, options: list[str], unsubscribed: bool, warning: str
) -> None:
    left = {"email": "ada@example.com", "unsubscribed": True}
    http.post("/contacts", json=left).raise_for_status()
    shell.write("email,first_name,unsubscribed\nada@example.com,Ada,no\ngrace@example.com,,no\n")
    done = shell.run("contacts.csv", *options)
    assert done.returncode == 0, done
    ada = http.get("/contacts/ada@example.com").json()
    assert (ada["first_name"], ada["unsubscribed"]) == ("Ada", unsubscribed)
    assert table(done.stdout, "Warnings, by code:") == [["code", "rows"], [warning, "1"]]


def test_a_dry_run_shows_who_would_be_subscribed_again(shell: Shell, http: httpx.Client) -> None:
    left = {"email": "ada@example.com", "unsubscribed": True}
    http.post("/contacts", json=left).raise_for_status()
    shell.write("email,unsubscribed\nada@example.com,no\n")
    changed = shell.run("contacts.csv", "--dry-run")
    assert changed.returncode == 0, changed
    assert table(changed.stdout, "The first changes that it would make:")[1:] == [
        ["2", "ada@example.com", "updated", "unsubscribed: true -> false"]
    ]
    assert table(changed.stdout, "Warnings, by code:")[1:] == [["resubscribed", "1"]]
    kept = shell.run("contacts.csv", "--dry-run", "--no-resubscribe")
    assert kept.returncode == 0, kept
    assert "The first changes" not in kept.stdout
    assert table(kept.stdout, "Warnings, by code:")[1:] == [["kept_unsubscribed", "1"]]
    assert http.get("/contacts/ada@example.com").json()["unsubscribed"] is True


def test_warnings_and_failures_are_counted_by_code(shell: Shell) -> None:
    """The most frequent come first; warnings alone do not change the exit status."""
    warned = "email\nada@gmial.com\ngrace@example.com\ngrace@example.com\ngrace@example.com\n"
    shell.write(warned)
    done = shell.run("contacts.csv")
    assert done.returncode == 0, done
    codes = [["code", "rows"], ["repeated_email", "2"], ["misspelled_domain", "1"]]
    assert table(done.stdout, "Warnings, by code:") == codes
    assert "Failed rows" not in done.stdout
    shell.write(f"{warned}nobody\n")
    done = shell.run("contacts.csv")
    assert done.returncode == 2, done
    assert table(done.stdout, "Warnings, by code:") == codes
    assert table(done.stdout, "Failed rows, by code:") == [["code", "rows"], ["invalid_email", "1"]]
