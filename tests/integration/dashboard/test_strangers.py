"""What a stranger does to the dashboard: nothing is a 500, and nothing that was said is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from markupsafe import escape

from tests.support.dashboard import browsing
from tests.support.resources import create_property, create_segment, create_topic

SCRIPT = {"x-requested-with": "rollcall"}
CSV = b"email,city\nada@example.com,Bonn\n"
MARKUP = "<script>alert(1)</script>"
# Texts that people paste: markup, other directions, what is no letter.
TEXTS = {
    "markup": MARKUP,
    "templates": "{{ 7 * 191 }}{name}%s",
    "other directions": "\u202eabc\u202c \u0645\u0631\u062d\u0628\u0627",
    "families": "\U0001f469\u200d\U0001f467\u200d\U0001f466" * 100,
    "quotes": "'\"><b>",
    "a long one": "a" * 10_000,
}
FILES = {
    "nothing": b"",
    "a blank": b" ",
    "only line ends": b"\r\n\r\n\n",
    "only a BOM": b"\xef\xbb\xbf",
    "one long line": b"x" * 3_000_000,
    "one large cell": b'email,city\nada@example.com,"' + b"y" * 10_000_000 + b'"\n',
    "an open quote": b'email,city\nada@example.com,"' + b"y" * 100_000,
    "markup in the header": b"email,<script>alert(1)</script>\nada@example.com,<b>x</b>\n",
    "many columns": b"email," + b",".join(b"c%d" % n for n in range(5_000)) + b"\na@b.co\n",
    "NULs": b"email,city\n\0\0\0,\0\n" * 50,
    "half a workbook": b"PK\x03\x04" + b"\0" * 200,
    "half a gzip": b"\x1f\x8b\x08" + b"\0" * 20,
    "UTF-16": "email,city\nada@example.com,Köln\n".encode("utf-16"),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FILE = b'--x\r\ncontent-disposition: form-data; name="name"; filename="a"\r\n\r\nb\r\n--x--\r\n'
BODIES = {
    "JSON": ("application/json", b'{"name": "x"}'),
    "half of JSON": ("application/json", b"{"),
    "a text": ("text/plain", b"name=x"),
    "nonsense as a form": (FORM, b"&&&=%%%zz"),
    "a huge field": (FORM, b"name=" + b"x" * 3_000_000),
    "many fields": (FORM, b"a=b&" * 100_000),
    "parts without a boundary": (MULTIPART, b"--x"),
    "half a part": (f"{MULTIPART}; boundary=x", b"--x\r\nnonsense"),
    "a file for a text": (f"{MULTIPART}; boundary=x", FILE),
    "an unknown kind": ("nonsense", b"\xff\xfe"),
    "no kind": ("", b"name=x"),
}


@pytest.fixture
def browser(client: httpx.Client) -> Iterator[httpx.Client]:
    with browsing(client) as browser:
        yield browser


def upload(browser: httpx.Client, data: bytes = CSV) -> httpx.Response:
    file = {"file": ("contacts.csv", data, "text/csv")}
    return browser.post("/dashboard/imports/new", files=file)


def draft_of(browser: httpx.Client) -> str:
    answer = upload(browser)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/columns")


@pytest.mark.parametrize("name", FILES)
def test_strange_files_are_read_or_refused_in_words(browser: httpx.Client, name: str) -> None:
    answer = upload(browser, FILES[name])
    assert answer.status_code in (303, 413, 422), answer.text
    if answer.status_code != 303:
        assert "<h1>" in answer.text
        return
    columns = browser.get(answer.headers["location"])
    assert columns.status_code == 200, columns.text
    assert MARKUP not in columns.text
    draft = answer.headers["location"].removesuffix("/columns")
    for method, below in (("POST", "/columns"), ("GET", "/options"), ("POST", "/options")):
        assert browser.request(method, draft + below).status_code < 500, below


@pytest.mark.parametrize("name", TEXTS)
def test_strange_names_are_shown_as_they_are(
    client: httpx.Client, browser: httpx.Client, name: str
) -> None:
    text = TEXTS[name]
    answer = browser.post("/dashboard/segments/new", data={"name": text})
    assert answer.status_code == 303, answer.text
    # What is told of it on the next page fits into a cookie, which browsers and proxies bound.
    assert len(answer.headers["set-cookie"]) < 3_500
    client.post("/contacts", json={"email": "ada@example.com", "first_name": text})
    for page in ("/segments", "/contacts", "/contacts?search=ada"):
        answer = browser.get(f"/dashboard{page}")
        assert answer.status_code == 200
        assert MARKUP not in answer.text
        assert "1337" not in answer.text
        if page != "/contacts?search=ada":
            assert str(escape(text)) in answer.text
    draft = draft_of(browser)
    assert MARKUP not in browser.get(f"{draft}/options").text


@pytest.mark.parametrize("name", BODIES)
def test_strange_bodies_are_refused_in_words(browser: httpx.Client, name: str) -> None:
    kind, body = BODIES[name]
    draft = draft_of(browser)
    for below in ("/columns", "/columns/0", "/file", "/options", "/segments", "/check"):
        for headers in ({}, SCRIPT):
            sent = {**headers, **({"content-type": kind} if kind else {})}
            answer = browser.post(draft + below, content=body, headers=sent)
            assert answer.status_code < 500, (below, answer.text)
    for page in ("/imports/new", "/segments/new", "/properties/new", "/sign-in"):
        answer = browser.post(f"/dashboard{page}", content=body, headers={"content-type": kind})
        assert answer.status_code < 500, (page, answer.text)


def test_what_was_chosen_is_deleted_meanwhile(client: httpx.Client, browser: httpx.Client) -> None:
    segment, topic = create_segment(client), create_topic(client)
    property_ = client.post("/contact-properties", json={"key": "firm", "type": "string"})
    draft = draft_of(browser)
    said = {"name": "city", "to": "property:firm"}
    assert browser.post(f"{draft}/columns/1", data=said).status_code == 303
    chosen = {"segments": segment, f"topic:{topic}": "opt_in", "note": "The fair"}
    assert browser.post(f"{draft}/options", data=chosen).status_code == 303
    client.delete(f"/segments/{segment}")
    client.delete(f"/topics/{topic}")
    client.delete(f"/contact-properties/{property_.json()['id']}")
    for below in ("/columns", "/options", "/check", "/check/report"):
        answer = browser.get(draft + below)
        assert answer.status_code == 200, (below, answer.text)
    assert "The fair" in browser.get(f"{draft}/options").text
    answer = browser.post(f"{draft}/start")
    assert answer.status_code in (303, 422), answer.text
    if answer.status_code == 422:
        assert browser.post(f"{draft}/options", data=chosen).status_code == 303
        assert browser.post(f"{draft}/start").status_code == 303


def test_two_tabs_press_import_at_once(client: httpx.Client, browser: httpx.Client) -> None:
    draft = draft_of(browser)
    barrier = threading.Barrier(4)

    def start(_: int) -> httpx.Response:
        barrier.wait()
        return browser.post(f"{draft}/start")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(start, range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(client.get("/contacts/imports").json()["data"]) == 1
    # The other tab, or the button back, leads to the import, and changes nothing of it.
    for below in ("", "/columns", "/options", "/check"):
        assert browser.get(draft + below).headers["location"].startswith("/dashboard/imports/")
    for below, data in (("/columns/1", {"name": "city", "to": "skip"}), ("/options", {})):
        answer = browser.post(draft + below, data=data, headers=SCRIPT)
        assert (answer.status_code, "imported already" in answer.text) == (422, True), below


def test_a_key_that_is_revoked_meanwhile_ends_its_sessions(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    with browsing(client) as browser:
        draft = draft_of(browser)
        connection.execute("UPDATE api_keys SET revoked_at = now()")
        answer = browser.post(f"{draft}/start")
        assert answer.headers["location"].startswith("/dashboard/sign-in")
        answer = browser.post(f"{draft}/options", headers=SCRIPT)
        assert (answer.status_code, answer.json()["name"]) == (401, "signed_out")
        connection.execute("UPDATE api_keys SET revoked_at = NULL")
        assert browser.get(f"{draft}/columns").status_code == 200


def test_a_property_that_a_new_one_is_called_after_is_created_meanwhile(
    client: httpx.Client, browser: httpx.Client
) -> None:
    draft = draft_of(browser)
    assert browser.post(f"{draft}/columns/1", data={"name": "city", "to": "new"}).is_redirect
    assert browser.post(f"{draft}/options").status_code == 303
    create_property(client, "city", "number")
    for below in ("/columns", "/options", "/check", "/check/report"):
        assert browser.get(draft + below).status_code in (200, 303), below
    answer = browser.post(f"{draft}/start")
    assert answer.status_code in (303, 422), answer.text
