"""Uploads whose columns are matched by themselves, and what a team has said before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.completions import completions
from tests.support.uploads import Importer
from tests.support.workbooks import book, text_rows

UPLOAD = "/contacts/imports"
PREVIEW = "/contacts/imports/preview"
CSV = b"Mail,Vorname,Status\nann@example.com,Ann,abgemeldet\nbob@example.com,Bob,angemeldet\n"


def upload(client: httpx.Client, data: bytes, **fields: Any) -> httpx.Response:
    form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
    return client.post(UPLOAD, files={"file": ("contacts.csv", data)}, data=form)


def suggested(client: httpx.Client, data: bytes) -> dict[str, Any]:
    answer = client.post(PREVIEW, files={"file": ("contacts.csv", data)})
    assert answer.status_code == 200, answer.text
    return {each["name"]: each["suggestion"] for each in answer.json()["columns"]}


def test_columns_are_matched_in_one_request(client: httpx.Client, importer: Importer) -> None:
    path = importer.run(CSV, column_map="auto")
    shown = client.get(path).json()
    assert shown["counts"]["created"] == 2
    assert shown["column_map"]["email"] == "Mail"
    assert shown["column_map"]["first_name"] == "Vorname"
    ann, bob = (client.get(f"/contacts/{name}@example.com").json() for name in ("ann", "bob"))
    assert (ann["first_name"], ann["unsubscribed"]) == ("Ann", True)
    assert (bob["first_name"], bob["unsubscribed"]) == ("Bob", False)


def test_an_import_shows_the_map_that_was_sent(client: httpx.Client) -> None:
    amount = {"column": "Amount", "type": "number", "decimal": ","}
    sent = {
        "email": "Mail",
        "unsubscribed": {"column": "Status", "true_when": "not_empty"},
        "properties": {"amount": amount, "city": {"column": "City", "type": "string"}},
    }
    answer = upload(client, b"Mail,Status,Amount,City\na@example.com,,,\n", column_map=sent)
    assert client.get(f"{UPLOAD}/{answer.json()['id']}").json()["column_map"] == sent


def test_a_preamble_and_another_delimiter(client: httpx.Client, importer: Importer) -> None:
    data = "Kontakte vom 3.5.\n\nName;E-Mail\nŁukasz Żak;l@example.com\n".encode("cp1250")
    path = importer.run(data, column_map="auto", encoding="windows-1250")
    assert client.get(path).json()["dialect"]["header_row"] == 3
    assert client.get("/contacts/l@example.com").json()["last_name"] == "Żak"


def test_a_header_that_is_said_may_stand_far_down(client: httpx.Client, importer: Importer) -> None:
    data = b"x,y\n" * 250 + b"Mail,Vorname\nann@example.com,Ann\n"
    path = importer.run(data, column_map="auto", header_row="251")
    assert client.get(path).json()["counts"]["created"] == 1
    path = importer.run(data.replace(b"Mail", b"email"), header_row="251")
    assert client.get(path).json()["warnings"] == {"unread_column": 1}


def test_the_sheet_with_addresses_is_read(client: httpx.Client, importer: Importer) -> None:
    people = text_rows(["Nom", "Courriel"], ["Ann Lee", "a@example.com"])
    data = book({"Résumé": text_rows(["Total", "1"]), "Personnes": people})
    path = importer.run(data, column_map="auto")
    assert client.get(path).json()["dialect"]["sheet"] == "Personnes"
    assert client.get("/contacts/a@example.com").json()["first_name"] == "Ann"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"City,Country\nOslo,Norway\n", ["e-mail addresses", "City, Country"]),
        (b"a@example.com\nb@example.com\n", ["header"]),
        (b"", ["empty"]),
    ],
)
def test_without_addresses_it_is_refused(
    client: httpx.Client, data: bytes, words: list[str]
) -> None:
    answer = upload(client, data, column_map="auto")
    assert answer.status_code == 422
    assert [word for word in words if word not in answer.json()["message"]] == []


@pytest.mark.parametrize(("said", "unsubscribed"), [({}, True), ({"resubscribe": "true"}, False)])
def test_nobody_who_has_left_is_subscribed_again_on_a_guess(
    client: httpx.Client, importer: Importer, said: dict[str, str], unsubscribed: bool
) -> None:
    # Far below the rows that the columns are told from stands a word that nobody knows.
    known = b"".join(b"a%d@example.com,angemeldet\n" % number for number in range(300))
    data = b"Mail,Status\nx@example.com,abgemeldet\n" + known + b"gone@example.com,verzogen\n"
    client.post("/contacts", json={"email": "gone@example.com", "unsubscribed": True})
    path = importer.run(data, column_map="auto", **said)
    assert client.get(path).json()["counts"]["failed"] == 0
    assert client.get("/contacts/gone@example.com").json()["unsubscribed"] is unsubscribed
    assert client.get("/contacts/x@example.com").json()["unsubscribed"] is True


def test_the_same_request_is_answered_again_although_more_is_known(
    client: httpx.Client,
) -> None:
    def ask() -> httpx.Response:
        headers = {"Idempotency-Key": "monday"}
        form = {"column_map": "auto"}
        return client.post(UPLOAD, files={"file": CSV}, data=form, headers=headers)

    first = ask()
    rejecting = {"email": "Mail"}
    assert upload(client, CSV, column_map=rejecting).status_code == 201
    again = ask()
    assert (again.status_code, again.json()) == (201, first.json())


def test_what_was_confirmed_comes_first_next_time_and_what_was_rejected_does_not_come(
    client: httpx.Client, other_client: httpx.Client
) -> None:
    before = suggested(client, CSV)
    assert before["Vorname"]["target"] == "first_name"
    confirmed = {"email": "Mail", "properties": {"nick": {"column": "Vorname"}}}
    assert upload(client, CSV, column_map=confirmed).status_code == 201
    after = suggested(client, CSV.replace(b"Ann", b"Eve"))
    assert (after["Vorname"]["target"], after["Vorname"]["key"]) == ("property", "nick")
    assert after["Vorname"]["confidence"] == "certain"
    assert after["Status"] is None
    assert suggested(other_client, CSV) == before


@pytest.mark.parametrize("tried", [{"dry_run": "true"}, {"column_map": "auto"}])
def test_what_was_only_tried_or_found_out_is_not_confirmed(
    client: httpx.Client, tried: dict[str, str]
) -> None:
    before = suggested(client, CSV)
    form = {"column_map": {"email": "Mail"}, **tried}
    assert upload(client, CSV, **form).status_code == 201
    after = suggested(client, CSV)
    assert after["Vorname"] == before["Vorname"]


def test_the_last_word_of_a_team_counts(client: httpx.Client) -> None:
    for name in ("first_name", "last_name"):
        said = {"email": "Mail", name: "Vorname"}
        assert upload(client, CSV, column_map=said).status_code == 201
    assert suggested(client, CSV)["Vorname"]["target"] == "last_name"


def test_fields_that_were_not_read_are_named(client: httpx.Client, importer: Importer) -> None:
    data = b"email,First Name,Surname,City\na@example.com,Ann,Lee,Oslo\n"
    path = importer.run(data)
    assert client.get(path).json()["warnings"] == {"unread_column": 1}
    (warning,) = client.get(f"{path}/warnings").json()["data"]
    assert (warning["row"], warning["code"]) == (1, "unread_column")
    assert "First Name, Surname" in warning["message"]
    assert "City" not in warning["message"]


@pytest.mark.parametrize("form", [{}, {"column_map": {"email": "email"}}])
def test_nothing_is_said_where_nothing_was_overlooked(
    client: httpx.Client, importer: Importer, form: dict[str, Any]
) -> None:
    header = b"email,first_name,City" if not form else b"email,First Name,City"
    path = importer.run(header + b"\na@example.com,Ann,Oslo\n", **form)
    assert client.get(path).json()["warnings"] == {}


def test_a_language_model_is_asked_about_the_rest(
    settings: Settings, team_key: str, serve: Callable[[Settings], str]
) -> None:
    data = b"Mail,Qwx,Zyx\nann@example.com,Karla,K1\nbob@example.com,Berta,K2\n"
    with completions() as model:
        model.answer_columns({"index": 1, "target": "first_name"}, {"index": 2, "target": "email"})
        asking = settings.model_copy(update={"llm_url": f"{model.url}/", "llm_model": "small"})
        key = {"Authorization": f"Bearer {team_key}"}
        with httpx.Client(base_url=serve(asking), headers=key) as client:
            found = suggested(client, data)
    assert found["Qwx"]["target"] == "first_name"
    assert "small" in found["Qwx"]["reason"]
    # What has no addresses is no column of addresses, whoever says so.
    assert found["Zyx"]["target"] != "email"
    assert "Karla" not in json.dumps(model.asked)


def test_no_connection_is_kept_while_a_language_model_thinks(
    settings: Settings,
    team_key: str,
    serve: Callable[[Settings], str],
    connection: psycopg.Connection[Any],
) -> None:
    states = (
        "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    found: list[str] = []

    def look() -> None:
        found.extend(state for (state,) in connection.execute(states))

    with completions(look) as model:
        asking = settings.model_copy(update={"llm_url": f"{model.url}/", "llm_model": "small"})
        key = {"Authorization": f"Bearer {team_key}"}
        with httpx.Client(base_url=serve(asking), headers=key) as client:
            data = b"Mail,Qwx\nann@example.com,Karla\n"
            assert upload(client, data, column_map="auto").status_code == 201
    assert set(found) == {"idle"}


def test_nothing_is_kept_of_a_header_that_is_too_wide_for_suggestions(
    client: httpx.Client,
) -> None:
    data = ",".join(["Mail", *["a"] * 100_000]).encode() + b"\nann@example.com\n"
    column_map = {"email": "Mail", "first_name": "a (100000)"}
    assert upload(client, data, column_map=column_map).status_code == 201
    assert upload(client, data, column_map="auto").status_code == 201
