"""Rows that fail: `rollcall import` shows the first, saves all, and its exit status is 2."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Team
from tests.support.proxy import Fault, proxied
from tests.support.shell import Shell, imports, list_emails, table

OPTIONS = ("--map", "email=E-mail", "--property", "seats=Seats:number")
CONTACTS = (
    "E-mail,Note,Seats\n"
    "ada@example.com,first,3\n"
    "grace@,second,4\n"
    'alan@example.com,"third, with a comma",many\n'
    "edsger@example.com,fourth,5\n"
)
NO_ADDRESS = (
    '"grace@" in column "E-mail" is not a complete e-mail address: nothing stands behind the @.'
)
NO_NUMBER = '"many" in column "Seats" is not a number that can be read: write it like -1234.5.'


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_failed_rows_are_shown_and_saved_as_they_stood_in_the_file(
    shell: Shell, http: httpx.Client
) -> None:
    shell.write(CONTACTS)
    done = shell.run("contacts.csv", *OPTIONS)
    assert done.returncode == 2, done
    assert re.search(r"\n +4 +2 +0 +0 +2 *\n", done.stdout)
    assert table(done.stdout, "The first failed rows:") == [
        ["row", "column", "message"],
        ["3", "E-mail", NO_ADDRESS],
        ["4", "Seats", NO_NUMBER],
    ]
    assert done.stdout.endswith("All failed rows: contacts.failures.csv\n")
    assert read(shell.folder / "contacts.failures.csv") == [
        {
            "E-mail": "grace@",
            "Note": "second",
            "Seats": "4",
            "import_row": "3",
            "import_error": NO_ADDRESS,
        },
        {
            "E-mail": "alan@example.com",
            "Note": "third, with a comma",
            "Seats": "many",
            "import_row": "4",
            "import_error": NO_NUMBER,
        },
    ]
    assert list_emails(http) == ["ada@example.com", "edsger@example.com"]


def test_the_corrected_file_imports_just_those_rows_with_the_same_options(
    shell: Shell, http: httpx.Client
) -> None:
    shell.write(CONTACTS)
    assert shell.run("contacts.csv", *OPTIONS).returncode == 2
    saved = shell.folder / "contacts.failures.csv"
    text = saved.read_text(encoding="utf-8")
    saved.write_text(
        text.replace("grace@,", "grace@example.com,").replace(",many,", ",12,"), encoding="utf-8"
    )
    again = shell.run("contacts.failures.csv", *OPTIONS)
    assert again.returncode == 0, again
    counts = imports(http)[0]["counts"]
    assert counts == {"total": 2, "created": 2, "updated": 0, "skipped": 0, "failed": 0}
    assert sorted(path.name for path in shell.folder.iterdir()) == [
        "contacts.csv",
        "contacts.failures.csv",
    ]
    alan = http.get("/contacts/alan@example.com").json()
    assert alan["properties"] == {"seats": {"value": 12, "type": "number"}}
    assert http.get("/contacts/grace@example.com").status_code == 200


def test_a_file_of_failed_rows_is_never_written_over(shell: Shell) -> None:
    shell.write("email\nfirst\n")
    assert shell.run("contacts.csv").returncode == 2
    shell.write("email\nsecond\n")
    done = shell.run("contacts.csv")
    assert done.returncode == 2
    assert "All failed rows: contacts.failures-2.csv\n" in done.stdout
    assert [row["email"] for row in read(shell.folder / "contacts.failures.csv")] == ["first"]
    assert [row["email"] for row in read(shell.folder / "contacts.failures-2.csv")] == ["second"]


def test_failed_rows_are_saved_where_one_wants_them(shell: Shell) -> None:
    shell.write("email\nada@example.com\nnobody\n")
    (shell.folder / "wrong").mkdir()
    done = shell.run("contacts.csv", "--failures", "wrong/rows.csv")
    assert done.returncode == 2
    assert "All failed rows: wrong/rows.csv\n" in done.stdout
    assert [row["email"] for row in read(shell.folder / "wrong" / "rows.csv")] == ["nobody"]
    assert not list(shell.folder.glob("*.failures*"))


def test_more_rows_than_are_shown(shell: Shell) -> None:
    """The summary has the first five and counts all by code, the most frequent first."""
    wrong = [f"nobody{number}," for number in range(7)] + ["ada@example.com,perhaps", ",yes"]
    shell.write("email,unsubscribed\ngrace@example.com,\n" + "\n".join(wrong) + "\n")
    # The cells do not look like it, so it has to be said.
    done = shell.run("contacts.csv", "--map", "email=email", "--map", "unsubscribed=unsubscribed")
    assert done.returncode == 2
    header, *rows = table(done.stdout, "Failed rows, by code:")
    assert header == ["code", "rows"]
    assert rows[0] == ["invalid_email", "7"]
    assert sorted(rows[1:]) == [["invalid_boolean", "1"], ["missing_email", "1"]]
    shown = table(done.stdout, "The first failed rows:")
    assert [row for row, *_ in shown[1:]] == ["3", "4", "5", "6", "7"]
    saved = read(shell.folder / "contacts.failures.csv")
    assert [row["import_row"] for row in saved] == [str(number) for number in range(3, 12)]


def test_an_import_that_is_followed(shell: Shell, http: httpx.Client) -> None:
    """Nothing tells the command which file it was, so the import's id names the saved one."""
    answer = http.post(
        "/contacts/imports", files={"file": ("other.csv", b"email\nada@example.com\nnobody\n")}
    )
    import_id = answer.json()["id"]
    done = shell.run("--follow", import_id)
    assert done.returncode == 2, done
    assert f"Import {import_id} is complete." in done.stdout
    assert f"All failed rows: import-{import_id}.failures.csv\n" in done.stdout
    (row,) = read(shell.folder / f"import-{import_id}.failures.csv")
    assert (row["email"], row["import_row"]) == ("nobody", "3")
    elsewhere = shell.run("--follow", import_id, "--failures", "rows.csv")
    assert elsewhere.returncode == 2
    assert read(shell.folder / "rows.csv") == [row]


@pytest.mark.parametrize("broken", ["/failures", "/failures.csv"])
def test_failed_rows_that_cannot_be_fetched(shell: Shell, team: Team, broken: str) -> None:
    """The import is through, so the exit status and the counts stay what they are."""
    shell.write("email\nnobody\n")
    with proxied(team.url) as proxy:
        proxy.faults = [Fault(method="GET", path=broken, status=418)]
        done = shell.run("contacts.csv", "--url", proxy.url)
        assert proxy.faults == []
    assert done.returncode == 2
    assert re.search(r"\n +1 +0 +0 +0 +1 *\n", done.stdout)
    assert "418 I'm a Teapot" in done.stdout
    assert [path.name for path in shell.folder.iterdir()] == ["contacts.csv"]


def test_a_server_that_does_not_tell_the_failed_rows(shell: Shell, team: Team) -> None:
    shell.write("email\nnobody\n")
    with proxied(team.url) as proxy:
        proxy.faults = [
            Fault(method="GET", path="/failures", status=404),
            Fault(method="GET", path="/failures.csv", status=404),
        ]
        done = shell.run("contacts.csv", "--url", proxy.url)
        assert proxy.faults == []
    assert done.returncode == 2
    assert f"{proxy.url} is older than this command: it has no list of failed rows." in done.stdout
    assert [path.name for path in shell.folder.iterdir()] == ["contacts.csv"]
