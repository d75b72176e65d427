"""What is said of a draft by hand-made requests: nothing of another team, and nothing senseless."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.dashboard import browsing

CSV = ("contacts.csv", b"email,city\nada@example.com,Bonn\n", "text/csv")
WRONG = [
    ("/columns/7", {"name": "email", "to": "skip"}),
    ("/columns/0", {"name": "city", "to": "skip"}),
    ("/columns/0", {"name": "email", "to": "property:none"}),
    ("/columns/0", {"name": "email", "to": "nonsense"}),
    ("/columns/1", {"name": "city", "changed": "type", "type": "nonsense"}),
    ("/columns/1", {"name": "city", "changed": "key", "key": "a\0b"}),
    ("/columns/x", {"name": "email", "to": "skip"}),
    ("/file", {"encoding": "nonsense"}),
    ("/file", {"delimiter": "ab"}),
    ("/file", {"header_row": "-1"}),
    ("/file", {"sheet": "One"}),
    ("/options", {"on_conflict": "nonsense"}),
    ("/options", {"segments": "nonsense"}),
    ("/options", {"note": "x" * 501}),
    ("/options", {"topic:1": "opt_in"}),
]


@pytest.fixture
def browser(client: httpx.Client) -> Iterator[httpx.Client]:
    """What the scripts of a signed-in page of the team ask with."""
    with browsing(client) as browser:
        browser.headers["x-requested-with"] = "rollcall"
        yield browser


def upload(browser: httpx.Client) -> str:
    """Upload a file and return the path of its draft."""
    answer = browser.post("/dashboard/imports/new", files={"file": CSV})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-location"].removesuffix("/columns")


def test_segments_and_topics_of_another_team_cannot_be_chosen(
    browser: httpx.Client, client: httpx.Client, other_client: httpx.Client
) -> None:
    theirs = other_client.post("/segments", json={"name": "secret"}).json()["id"]
    topic = {"name": "secret", "default_subscription": "opt_in"}
    topic_id = other_client.post("/topics", json=topic).json()["id"]
    draft = upload(browser)
    said = {"segments": theirs, f"topic:{topic_id}": "opt_in"}
    answer = browser.post(f"{draft}/options", data=said)
    assert answer.status_code == 200, answer.text
    assert "secret" not in browser.get(f"{draft}/options").text
    (checked,) = client.get("/contacts/imports").json()["data"]
    assert checked["dry_run"]


def test_what_cannot_be_said_is_a_clear_error(browser: httpx.Client) -> None:
    draft = upload(browser)
    answers = [(path, said, browser.post(f"{draft}{path}", data=said)) for path, said in WRONG]
    unclear = [
        (path, said, answer.status_code, answer.text)
        for path, said, answer in answers
        if answer.status_code != 422 or not answer.json()["message"]
    ]
    assert unclear == []
