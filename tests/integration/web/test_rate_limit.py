"""Requests per second and team."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import redis

from rollcall.config import Settings

Serve = Callable[[Settings], str]


def client_of(url: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def limited(settings: Settings, serve: Serve) -> str:
    """An API that lets a team make five requests per second."""
    return serve(settings.model_copy(update={"rate_limit": 5}))


def test_a_team_over_its_rate_is_told_so(limited: str, make_key: Callable[[str], str]) -> None:
    with client_of(limited, make_key("busy")) as busy, client_of(limited, make_key("calm")) as calm:
        answers = [busy.get("/segments") for _ in range(30)]
        other = calm.get("/segments")
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.status_code for answer in answers} == {200, 429}
    assert refused[0].json()["name"] == "rate_limit_exceeded"
    assert refused[0].json()["statusCode"] == 429
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].headers["ratelimit-remaining"] == "0"
    first = answers[0].headers
    assert (first["ratelimit-limit"], first["ratelimit-policy"]) == ("5", "5;w=1")
    assert first["ratelimit-remaining"] == "4"
    assert int(first["ratelimit-reset"]) >= 1
    assert other.status_code == 200


def test_a_redis_that_has_started_anew_counts_on(
    limited: str, team_key: str, settings: Settings
) -> None:
    with client_of(limited, team_key) as client, redis.Redis.from_url(settings.redis_url) as server:
        assert client.get("/segments").headers["ratelimit-remaining"] == "4"
        server.flushdb()
        server.script_flush()
        assert client.get("/segments").headers["ratelimit-remaining"] == "4"


def test_errors_carry_the_headers_too(limited: str, team_key: str) -> None:
    with client_of(limited, team_key) as client:
        assert "ratelimit-limit" in client.get("/contacts/nobody@example.com").headers


def test_off_means_no_limit_and_no_headers(client: httpx.Client) -> None:
    answers = [client.get("/segments") for _ in range(150)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit-limit" not in answers[0].headers


def test_without_redis_requests_are_let_through(
    settings: Settings, serve: Serve, team_key: str
) -> None:
    url = serve(settings.model_copy(update={"rate_limit": 1, "redis_url": "redis://127.0.0.1:1/0"}))
    with client_of(url, team_key) as client:
        assert {client.get("/segments").status_code for _ in range(5)} == {200}
