"""The client of `rollcall import` when network or server fail it: nothing happens twice."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from rollcall.client.api import LONGEST_PAUSE, QUESTION_TRIES, UPLOAD_TRIES, Api, NoAnswer
from rollcall.client.errors import ClientError
from tests.support.proxy import Fault, Proxy, proxied

FORM = {"on_conflict": "upsert"}


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that the client waited, or would have."""
    return []


@pytest.fixture
def notices() -> list[str]:
    """What the client said to a person meanwhile."""
    return []


@pytest.fixture
def open_api(
    team_key: str, pauses: list[float], notices: list[str]
) -> Iterator[Callable[..., Api]]:
    """Make a client that does not really wait."""
    with ExitStack() as stack:

        def make(url: str, key: str = team_key) -> Api:
            opened = Api(url, key, notice=notices.append, pause=pauses.append)
            stack.callback(opened.close)
            return opened

        yield make


@pytest.fixture
def proxy(api: str) -> Iterator[Proxy]:
    """A proxy in front of the API."""
    with proxied(api) as proxy:
        yield proxy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_text("email\n" + "".join(f"ada{n}@example.com\n" for n in range(50_000)))
    return path


def number_of_imports(client: httpx.Client) -> int:
    return len(client.get("/contacts/imports").json()["data"])


@pytest.mark.parametrize(
    "fault",
    [
        {"taken": 200_000},
        {},
        {"status": 503},
        {"status": 429, "retry_after": "1"},
    ],
    ids=["cut off", "answer lost", "unavailable", "rate limit"],
)
def test_an_upload_that_breaks_is_sent_again_and_imported_once(
    proxy: Proxy,
    open_api: Callable[..., Api],
    client: httpx.Client,
    file: Path,
    fault: dict[str, str],
) -> None:
    proxy.faults = [Fault(method="POST", path="/contacts/imports", **fault)]  # type: ignore[arg-type]
    sent: list[int] = []
    import_id = open_api(proxy.url).upload(file, FORM, sent.append)
    assert proxy.faults == []
    keys = [key for method, _, key in proxy.seen if method == "POST"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert keys[0]
    assert number_of_imports(client) == 1
    assert client.get(f"/contacts/imports/{import_id}").status_code == 200
    assert sent[-1] == file.stat().st_size


def test_an_upload_that_never_gets_through_is_given_up(
    proxy: Proxy,
    open_api: Callable[..., Api],
    client: httpx.Client,
    file: Path,
    pauses: list[float],
) -> None:
    proxy.faults = [Fault(method="POST", path="/contacts/imports", taken=100)] * 100
    with pytest.raises(NoAnswer, match=f"given up after {UPLOAD_TRIES} tries"):
        open_api(proxy.url).upload(file, FORM, lambda _: None)
    assert len(proxy.seen) == UPLOAD_TRIES == len(pauses) + 1
    assert number_of_imports(client) == 0


def test_questions_wait_as_long_as_the_server_asks_for(
    proxy: Proxy, open_api: Callable[..., Api], file: Path, pauses: list[float], notices: list[str]
) -> None:
    asked = open_api(proxy.url)
    import_id = asked.upload(file, FORM, lambda _: None)
    proxy.faults = [
        Fault(method="GET", path=import_id, status=429, retry_after="7"),
        Fault(method="GET", path=import_id, status=503),
        Fault(method="GET", path=import_id, status=502, retry_after="soon"),
        Fault(method="GET", path=import_id),
    ]
    assert str(asked.get_import(import_id).id) == import_id
    assert pauses == [7.0, 1.0, 2.0, 4.0]
    assert ["503" in notices[0], "502" in notices[1]] == [True, True]


def test_a_date_to_wait_for(
    proxy: Proxy, open_api: Callable[..., Api], pauses: list[float]
) -> None:
    moment = email.utils.formatdate(time.time() + 200, usegmt=True)
    proxy.faults = [Fault(method="GET", path="/imports", status=503, retry_after=moment)]
    open_api(proxy.url).check()
    assert 60 < pauses[0] <= 200


def test_a_server_that_wants_too_much_patience_is_not_waited_for(
    proxy: Proxy, open_api: Callable[..., Api], pauses: list[float]
) -> None:
    proxy.faults = [Fault(method="GET", path="/imports", status=503, retry_after="86400")]
    with pytest.raises(NoAnswer, match="503"):
        open_api(proxy.url).check()
    assert pauses == []


def test_a_server_that_went_away_is_not_asked_without_end(
    open_api: Callable[..., Api], pauses: list[float], notices: list[str]
) -> None:
    asked = open_api("http://127.0.0.1:1")
    with pytest.raises(NoAnswer, match=f"given up after {QUESTION_TRIES} tries"):
        asked.get_import("01935f2c-0000-7000-8000-000000000000")
    assert len(pauses) == QUESTION_TRIES - 1
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert "trying again in 10 s" in notices[-1]


def test_what_is_no_rollcall_server(proxy: Proxy, open_api: Callable[..., Api], api: str) -> None:
    with pytest.raises(ClientError, match="The requested endpoint does not exist"):
        open_api(f"{api}/other").check()
    proxy.faults = [Fault(method="GET", path="/imports", status=418)]
    with pytest.raises(ClientError, match=r"418 I'm a Teapot; is it a Rollcall server\?"):
        open_api(proxy.url).check()


def test_fields_that_an_older_server_would_ignore_are_known_beforehand(
    proxy: Proxy, open_api: Callable[..., Api]
) -> None:
    asked = open_api(proxy.url)
    assert {"file", "column_map", "on_conflict", "segments", "topics"} <= asked.form_fields()
    proxy.faults = [Fault(method="GET", path="/openapi.json", status=404)]
    assert asked.form_fields() == set()


def test_a_file_that_grows_or_shrinks_meanwhile(
    api: str, open_api: Callable[..., Api], client: httpx.Client, file: Path
) -> None:
    size = file.stat().st_size

    def grow(sent: int) -> None:
        if sent == 65_536:
            with file.open("ab") as opened:
                opened.write(b"late@example.com\n")

    def shrink(sent: int) -> None:
        if sent == 65_536:
            with file.open("r+b") as opened:
                opened.truncate(100)

    asked = open_api(api)
    asked.upload(file, FORM, grow)
    assert file.stat().st_size > size
    with pytest.raises(ClientError, match="shorter"):
        asked.upload(file, FORM, shrink)
    assert number_of_imports(client) == 1
