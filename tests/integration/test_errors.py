"""Errors that no endpoint raises, in the one shape that clients know."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.resources import NOBODY, error


@pytest.mark.parametrize("path", ["/", "/emails", "/contacts/a/b/c", "/segments/x/y"])
def test_a_path_that_is_none(client: httpx.Client, path: str) -> None:
    assert error(client.get(path))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/contacts", "GET, POST"),
        ("PUT", "/segments//", "GET, POST"),
        ("POST", f"/contacts/{NOBODY}", "DELETE, GET, PATCH"),
        ("GET", f"/api-keys/{NOBODY}", "DELETE, PATCH"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_a_method_that_is_none(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    response = client.request(method, path)
    assert error(response)[:2] == (405, "method_not_allowed")
    assert response.headers["allow"] == allowed


def test_every_answer_has_a_request_id(client: httpx.Client) -> None:
    responses = [client.get("/nowhere"), client.get("/segments"), client.post("/segments")]
    assert len({response.headers["x-request-id"] for response in responses}) == 3
