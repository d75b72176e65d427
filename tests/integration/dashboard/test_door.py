"""Signing in and out: keys, links, cookies, tokens of forms."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.dashboard.door.links import create_link
from rollcall.dashboard.frame.forgery import form_token
from tests.support.dashboard import COOKIE, browsing, token_of
from tests.support.resources import create


@pytest.fixture
def visitor(api: str) -> Iterator[httpx.Client]:
    """A browser that is not signed in."""
    with httpx.Client(base_url=f"{api}/dashboard") as browser:
        yield browser


def sign_in(visitor: httpx.Client, key: str, wanted: str = "") -> httpx.Response:
    token = token_of(visitor.get("/sign-in", params={"next": wanted}))
    return visitor.post("/sign-in", data={"key": key, "next": wanted, "csrf": token})


def test_a_key_opens_the_dashboard_until_it_signs_out(
    visitor: httpx.Client, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    answer = sign_in(visitor, f" {team_key} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/imports")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if COOKIE in each)
    assert {"HttpOnly", "Path=/dashboard", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    page = visitor.get("/segments")
    assert "team a" in page.text
    secret = visitor.cookies[COOKIE]
    stored = connection.execute("SELECT s::text FROM dashboard_sessions AS s").fetchall()
    assert len(stored) == 1
    assert secret not in stored[0][0]
    assert visitor.get("/sign-in").headers["location"] == "/dashboard/imports"
    out = visitor.post("/sign-out", data={"csrf": token_of(page)})
    assert (out.status_code, out.headers["location"]) == (303, "/dashboard/sign-in")
    assert COOKIE not in visitor.cookies
    assert visitor.get("/segments", headers={"cookie": f"{COOKIE}={secret}"}).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/segments?limit=5", "/dashboard/segments?limit=5"),
        ("//evil.example/x", "/dashboard//evil.example/x"),
        ("https://evil.example", "/dashboard/imports"),
    ],
)
def test_a_sign_in_leads_back_to_where_somebody_wanted_to_be_and_nowhere_else(
    visitor: httpx.Client, team_key: str, wanted: str, leads_to: str
) -> None:
    assert sign_in(visitor, team_key, wanted).headers["location"] == leads_to


def test_whoever_wants_a_page_is_sent_to_the_door(visitor: httpx.Client) -> None:
    answer = visitor.get("/segments?limit=5")
    assert answer.headers["location"] == "/dashboard/sign-in?next=/segments%3Flimit%3D5"


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("/dashboard/segments/new?limit=5", "?next=/segments/new%3Flimit%3D5"),
        ("https://evil.example/dashboard/segments", "?next=/segments"),
        ("https://evil.example/segments", ""),
        ("/elsewhere/dashboard/segments", ""),
        ("/dashboard", ""),
        ("/dashboardsegments", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_form_of_somebody_signed_out_leads_back_to_its_page(
    visitor: httpx.Client, page: str, leads_to: str
) -> None:
    answer = visitor.post("/segments", data={"name": "x"}, headers={"referer": page})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/dashboard/sign-in{leads_to}"


def test_keys_that_do_not_open_it(
    visitor: httpx.Client, client: httpx.Client, team_key: str
) -> None:
    made = client.post("/api-keys", json={"name": "old"}).json()
    client.delete(f"/api-keys/{made['id']}")
    sending = client.post("/api-keys", json={"name": "mail", "permission": "sending_access"}).json()
    for key, said in (
        ("", "Paste an API key."),
        ("re_nobody", "There is no such API key."),
        ("x" * 500, "There is no such API key."),
        (made["token"], "has been revoked"),
        (sending["token"], "may only send e-mails"),
    ):
        answer = sign_in(visitor, key)
        assert answer.status_code == 422
        assert said in answer.text
        assert not key or key not in answer.text
        assert COOKIE not in visitor.cookies


def test_a_session_is_over_with_its_key_and_with_its_time(
    client: httpx.Client, api: str, connection: psycopg.Connection[Any]
) -> None:
    key = client.post("/api-keys", json={"name": "browser"}).json()
    with browsing(client) as first, httpx.Client(base_url=f"{api}/dashboard") as second:
        sign_in(second, key["token"])
        assert second.get("/segments").status_code == 200
        client.delete(f"/api-keys/{key['id']}")
        assert second.get("/segments").status_code == 303
        assert first.get("/dashboard/segments").status_code == 200
        connection.execute("UPDATE dashboard_sessions SET expires_at = now()")
        assert first.get("/dashboard/segments").status_code == 303


def test_a_session_that_is_used_lasts(
    client: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    with browsing(client) as browser:
        connection.execute(
            "UPDATE dashboard_sessions SET last_used_at = now() - interval '2 hours',"
            " expires_at = now() + interval '1 minute'"
        )
        browser.get("/dashboard/segments")
        left = "SELECT expires_at - now() > interval '6 days', last_used_at > now() - interval '1h'"
        assert connection.execute(f"{left} FROM dashboard_sessions").fetchall() == [(True, True)]


def test_a_link_signs_in_once(settings: Settings, visitor: httpx.Client, team_key: str) -> None:
    link = asyncio.run(create_link(settings, team_key)).removeprefix("/dashboard")
    assert visitor.get(link).headers["location"] == "/dashboard/imports"
    assert "team a" in visitor.get("/segments").text
    # In the same browser it is a way in still; in another one it is none.
    assert visitor.get(link).headers["location"] == "/dashboard/imports"
    visitor.cookies.clear()
    again = visitor.get(link)
    assert again.status_code == 422
    assert "This link has been used" in again.text


def test_looking_at_a_link_does_not_use_it_up(
    settings: Settings, visitor: httpx.Client, team_key: str
) -> None:
    link = asyncio.run(create_link(settings, team_key)).removeprefix("/dashboard")
    assert COOKIE not in visitor.head(link).cookies
    assert COOKIE in visitor.get(link).cookies


def test_a_link_that_is_too_old(
    settings: Settings,
    visitor: httpx.Client,
    team_key: str,
    connection: psycopg.Connection[Any],
) -> None:
    link = asyncio.run(create_link(settings, team_key)).removeprefix("/dashboard")
    connection.execute("UPDATE dashboard_links SET expires_at = now()")
    assert visitor.get(link).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_what_another_site_sends_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    with browsing(client) as browser:
        answer = browser.post("/dashboard/segments/new", data={"name": "x"}, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["x-request-id"] in answer.text
        assert client.get("/segments").json()["data"] == []


def test_a_sign_in_needs_the_token_of_this_browser(visitor: httpx.Client, team_key: str) -> None:
    token = token_of(visitor.get("/sign-in"))
    visitor.cookies.clear()
    answer = visitor.post("/sign-in", data={"key": team_key, "csrf": token})
    assert answer.status_code == 403


def test_a_browser_without_a_cookie_has_no_token(api: str, team_key: str) -> None:
    """Everybody can work out the token of no secret."""
    with httpx.Client(base_url=api) as nobody:
        data = {"key": team_key, "csrf": form_token("")}
        assert nobody.post("/dashboard/sign-in", data=data).status_code == 403


def test_behind_tls_and_a_prefix(
    settings: Settings, serve: Callable[[Settings], str], team_key: str
) -> None:
    """As behind a proxy, which the server believes from this machine."""
    base = serve(settings.model_copy(update={"root_path": "/behind/a-proxy"}))
    https = {"x-forwarded-proto": "https"}
    with httpx.Client(base_url=base, headers=https) as browser:
        home = browser.get("/")
        assert (home.status_code, home.headers["location"]) == (
            303,
            "/behind/a-proxy/dashboard/imports",
        )
        assert browser.head("/").status_code == 303
        page = browser.get("/behind/a-proxy/dashboard/sign-in")
        addresses = re.findall(r'(?:href|src|action)="([^"]+)"', page.text)
        assert addresses
        assert all(each.startswith("/behind/a-proxy/dashboard/") for each in addresses)
        visitor = page.headers["set-cookie"]
        assert {"Secure", "Path=/behind/a-proxy/dashboard"} <= set(visitor.split("; "))
        answer = browser.post(
            "/dashboard/sign-in",
            data={"key": team_key, "csrf": token_of(page)},
            headers={"cookie": visitor.partition(";")[0]},
        )
        assert answer.headers["location"] == "/behind/a-proxy/dashboard/imports"
        assert all(
            {"Secure", "HttpOnly"} <= set(each.split("; "))
            for each in answer.headers.get_list("set-cookie")
            if COOKIE in each
        )


def test_a_page_is_kept_by_nobody_and_runs_no_script_but_ours(client: httpx.Client) -> None:
    with browsing(client) as browser:
        page = browser.get("/dashboard/segments")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["x-content-type-options"] == "nosniff"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style| style=| on\w+=|<script(?![^>]* (src|type=\"app))", page.text)
        (style,) = re.findall(r'href="([^"]+style\.css)"', page.text)
        kept = browser.get(style)
        assert "immutable" in kept.headers["cache-control"]
        version = style.split("/")[-2]
        old = browser.get(style.replace(version, "0" * 16))
        assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")
        assert browser.get(style.replace("style.css", "../frame/view.py")).status_code == 404


def test_an_address_that_leads_nowhere(client: httpx.Client) -> None:
    with browsing(client) as browser:
        for method in ("GET", "POST", "DELETE"):
            answer = browser.request(method, "/dashboard/nowhere")
            assert answer.status_code == 404
            assert answer.headers["x-request-id"] in answer.text
        wrong = browser.get("/dashboard/segments/no-id/edit")
        assert wrong.status_code == 422
        missing = browser.get(f"/dashboard/segments/{uuid.uuid4()}/edit")
        assert missing.status_code == 404


def test_what_a_name_contains_stays_text(client: httpx.Client) -> None:
    create(client, "/segments", name='<script>alert(1)</script> {{ 7*7 }} "x"')
    with browsing(client) as browser:
        page = browser.get("/dashboard/segments").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} &#34;x&#34;" in page
