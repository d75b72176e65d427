"""`rollcall import` of a file whose columns nobody has named: shown, then asked or agreed to."""

from __future__ import annotations

import re
import shlex
from typing import Any

import httpx
import pytest

from tests.support.shell import Shell, imports, list_emails, table, terminal

CONTACTS = (
    "Contacts of the spring fair\n"
    "\n"
    'E-Mail;Vorname;Nachname;Newsletter;Umsatz;Bemerkung "intern"\n'
    "ada@example.com;Ada;Lovelace;ja;1.200,50;likes numbers\n"
    "grace@example.com;Grace;Hopper;nein;80,00;\n"
    "alan@example.com;Alan;Turing;ja;7,25;has a bicycle\n"
)
# The same with a column whose words need no explanation.
OPT_OUT = (
    CONTACTS.replace("Newsletter", "Opt-out").replace(";ja;", ";no;").replace(";nein;", ";yes;")
)
TITLE = "The columns of the file:"


def check_contacts(http: httpx.Client) -> dict[str, Any]:
    """Check that the contacts were read as they were meant; return the one import of them."""
    assert list_emails(http) == ["ada@example.com", "alan@example.com", "grace@example.com"]
    ada = http.get("/contacts/ada@example.com").json()
    assert (ada["first_name"], ada["last_name"]) == ("Ada", "Lovelace")
    assert ada["unsubscribed"] is False
    assert ada["properties"]["umsatz"] == {"value": 1200.5, "type": "number"}
    assert http.get("/contacts/grace@example.com").json()["unsubscribed"] is True
    (shown,) = imports(http)
    full: dict[str, Any] = http.get(f"/contacts/imports/{shown['id']}").json()
    return full


def test_yes_takes_what_is_shown(shell: Shell, http: httpx.Client) -> None:
    shell.write(CONTACTS)
    done = shell.run("contacts.csv", "--yes")
    assert done.returncode == 0, done
    header, *rows = table(done.stderr, TITLE)
    assert header == ["column", "becomes", "samples", "how sure", "why"]
    shown = {name: becomes for name, becomes, *_ in rows}
    assert (shown["E-Mail"], shown["Vorname"]) == ("email", "first_name")
    assert shown["Newsletter"].startswith("unsubscribed if ")
    assert "nein" in shown["Newsletter"]
    assert shown["Umsatz"] == "property umsatz (number, decimal comma)"
    assert rows[0][2:4] == ["ada@example.com | grace@example.com | alan@example.com", "certain"]
    assert rows[0][4].endswith(".")
    assert "Read as CSV, encoding UTF-8, delimiter ;, header in row 3.\n" in done.stderr
    assert "[Y/n]" not in done.stderr
    taken = check_contacts(http)["column_map"]
    assert (taken["email"], taken["first_name"]) == ("E-Mail", "Vorname")


def test_without_a_terminal_nothing_is_taken_that_nobody_has_agreed_to(
    shell: Shell, http: httpx.Client
) -> None:
    """The command line that it tells does the same."""
    shell.write(OPT_OUT)
    done = shell.run("contacts.csv", "--on-conflict", "skip")
    assert (done.returncode, done.stdout) == (1, "")
    assert table(done.stderr, TITLE)[1][:2] == ["E-Mail", "email"]
    assert "Add --yes to import it like this" in done.stderr
    assert imports(http) == []
    again = shlex.split(done.stderr.rpartition("say what is what: ")[2])
    words = again[again.index("import") + 1 :]
    assert words[:3] == ["contacts.csv", "--map", "email=E-Mail"]
    assert words[-4:-2] == ["--on-conflict", "skip"]
    assert shell.run(*words).returncode == 0
    check_contacts(http)


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_what_every_server_reads_needs_nobody(
    shell: Shell, http: httpx.Client, options: list[str]
) -> None:
    shell.write("email,first_name,X\nada@example.com,Ada,\n")
    done = shell.run("contacts.csv", *options)
    assert done.returncode == 0, done
    assert [row[:2] for row in table(done.stderr, TITLE)[1:]] == [
        ["email", "email"],
        ["first_name", "first_name"],
        ["X", "not read (property x?)"],
    ]


def test_a_column_called_email_is_read_whatever_is_in_it(shell: Shell, http: httpx.Client) -> None:
    shell.write("email,Plan\nada,pro\ngrace,free\n")
    done = shell.run("contacts.csv")
    assert done.returncode == 2, done
    assert table(done.stderr, TITLE)[1][:2] == ["email", "email"]
    assert imports(http)[0]["counts"]["failed"] == 2


def test_a_dry_run_asks_nobody(shell: Shell, http: httpx.Client) -> None:
    shell.write(CONTACTS)
    done = shell.run("contacts.csv", "--dry-run")
    assert done.returncode == 0, done
    assert "Nothing was changed." in done.stdout
    assert list_emails(http) == []
    with terminal(shell, "contacts.csv", "--dry-run") as screen:
        assert screen.read_to_end() == 0
    assert "[Y/n]" not in screen.written


@pytest.mark.parametrize("answer", [b"\r", b"y\r", b"what\ryes\r"])
def test_on_a_terminal_it_asks_and_a_yes_imports(
    shell: Shell, http: httpx.Client, answer: bytes
) -> None:
    shell.write(CONTACTS)
    with terminal(shell, "contacts.csv") as screen:
        screen.read_until(r"Import like this\? \[Y/n\] ")
        assert imports(http) == []
        screen.press(answer)
        assert screen.read_to_end() == 0, screen.written
    assert re.search(r"Vorname +first_name +Ada", screen.written)
    check_contacts(http)


def test_a_no_imports_nothing_and_says_how_to_do_it_otherwise(
    shell: Shell, http: httpx.Client
) -> None:
    shell.write(CONTACTS)
    with terminal(shell, "contacts.csv", "--no-watch") as screen:
        screen.read_until(r"\[Y/n\] ")
        screen.press(b"n\r")
        assert screen.read_to_end() == 1
    assert imports(http) == []
    said = screen.written.rpartition("Nothing is imported. To import it otherwise, edit: ")[2]
    assert "--map email=E-Mail --map first_name=Vorname" in said
    assert "--property umsatz=Umsatz:number" in said
    assert "--decimal ," in said
    assert "--no-watch" in said


def test_ctrl_c_at_the_question(shell: Shell, http: httpx.Client) -> None:
    shell.write(CONTACTS)
    with terminal(shell, "contacts.csv") as screen:
        screen.read_until(r"\[Y/n\] ")
        screen.press(b"\x03")
        assert screen.read_to_end() == 130
    assert "Interrupted. Nothing is imported." in screen.written
    assert imports(http) == []


def test_properties_alone(shell: Shell, http: httpx.Client) -> None:
    shell.write(CONTACTS)
    done = shell.run("contacts.csv", "--property", 'note=Bemerkung "intern"')
    assert done.returncode == 0, done
    rows = {name: rest for name, *rest in table(done.stderr, TITLE)[1:]}
    assert rows['Bemerkung "intern"'][0] == "property note (string)"
    assert rows['Bemerkung "intern"'][-1] == "given"
    assert rows["Umsatz"][0] == "not read"
    ada = http.get("/contacts/ada@example.com").json()
    assert ada["last_name"] == "Lovelace"
    assert ada["properties"] == {"note": {"value": "likes numbers", "type": "string"}}


def test_who_has_unsubscribed_can_be_said_alone(shell: Shell, http: httpx.Client) -> None:
    shell.write(CONTACTS)
    done = shell.run("contacts.csv", "--unsubscribed-when", "ja", "--yes")
    assert done.returncode == 0, done
    assert dict(row[:2] for row in table(done.stderr, TITLE))["Newsletter"] == "unsubscribed if ja"
    assert http.get("/contacts/ada@example.com").json()["unsubscribed"] is True


@pytest.mark.parametrize("options", [["--yes"], ["--dry-run"], ["--property", "p=City"]])
def test_a_file_without_addresses(shell: Shell, http: httpx.Client, options: list[str]) -> None:
    shell.write("City,Country\nOslo,Norway\nBern,Switzerland\n")
    done = shell.run("contacts.csv", *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert [row[0] for row in table(done.stderr, TITLE)[1:]] == ["City", "Country"]
    assert "No column is known by its name or its cells to have the e-mail" in done.stderr
    assert "Say which column has the addresses: " in done.stderr
    assert "import contacts.csv --map email=COLUMN" in done.stderr
    assert imports(http) == []


def test_what_is_said_of_the_file_is_said_of_its_beginning_too(
    shell: Shell, http: httpx.Client
) -> None:
    shell.write("a#b\nMail#Name\nada@example.com#Ada\n")
    done = shell.run("contacts.csv", "--delimiter", "#", "--header-row", "2", "--yes")
    assert done.returncode == 0, done
    assert "delimiter #, header in row 2." in done.stderr
    assert http.get("/contacts/ada@example.com").json()["first_name"] == "Ada"


def test_of_a_large_file_the_beginning_is_shown_and_all_is_imported(
    shell: Shell, http: httpx.Client
) -> None:
    rows = "".join(f"ada{number}@example.com;{'x' * 300}\n" for number in range(5000))
    shell.write(f"E-Mail;Bemerkung\n{rows}")
    done = shell.run("contacts.csv", "--yes")
    assert done.returncode == 0, done
    assert imports(http)[0]["counts"]["created"] == 5000


def test_a_name_cannot_steer_the_terminal(shell: Shell, http: httpx.Client) -> None:
    """Nor does the command line that is told do anything but name the column."""
    shell.write('E-Mail,"First\nName","Plan \x1b[2J$(touch hacked)\u202e"\na@example.com,A,x\n')
    with terminal(shell, "contacts.csv") as screen:
        screen.read_until(r"\[Y/n\] ")
        screen.press(b"n\r")
        assert screen.read_to_end() == 1
    assert "\x1b[2J" not in screen.written
    assert "\u202e" not in screen.written
    done = shell.run("contacts.csv")
    assert done.returncode == 1
    assert "$(touch hacked)" in done.stderr
    assert imports(http) == []
