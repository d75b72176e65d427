"""What holds for every request and every answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import httpx
import pytest

from rollcall.config import Settings


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return status and name of an error, which has the one shape of all errors."""
    body = response.json()
    assert set(body) == {"statusCode", "message", "name"}
    assert body["statusCode"] == response.status_code
    assert body["message"]
    assert uuid.UUID(response.headers["x-request-id"]).version == 4
    assert response.headers["content-type"].startswith("application/json")
    return response.status_code, body["name"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (401, "missing_api_key")),
        ("", (401, "missing_api_key")),
        ("Bearer re_unknown", (403, "invalid_api_key")),
        ("Bearer nonsense", (403, "invalid_api_key")),
        ("Basic re_unknown", (403, "invalid_api_key")),
        ("Bearer", (403, "invalid_api_key")),
        (f"Bearer re_{'x' * 5000}", (403, "invalid_api_key")),
    ],
)
def test_keys_that_do_not_open(api: str, header: str | None, expected: tuple[int, str]) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert error_of(httpx.get(f"{api}/contacts/imports", headers=headers)) == expected
    assert error_of(httpx.post(f"{api}/contacts/imports", headers=headers)) == expected


def test_unknown_path_and_wrong_method(client: httpx.Client) -> None:
    assert error_of(client.get("/nothing/here")) == (404, "not_found")
    wrong = client.put("/contacts/imports", json={})
    assert error_of(wrong) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]


@pytest.mark.parametrize("path", ["//contacts/imports", "/contacts/imports/", "/contacts//imports"])
def test_slashes_reach_the_same_endpoint_without_a_redirect(
    client: httpx.Client, path: str
) -> None:
    response = client.get(f"{client.base_url!s}".rstrip("/") + path, follow_redirects=False)
    assert (response.status_code, response.json()["data"]) == (200, [])


def test_a_path_prefix_that_a_proxy_keeps_or_strips(
    settings: Settings, serve: Callable[[Settings], str], team_key: str
) -> None:
    url = serve(settings.model_copy(update={"root_path": "/api/v1"}))
    headers = {"Authorization": f"Bearer {team_key}"}
    for path in ("/api/v1/contacts/imports", "/contacts/imports"):
        assert httpx.get(url + path, headers=headers).status_code == 200


def test_a_crash_is_told_without_its_inside(
    client: httpx.Client, connection: object, settings: Settings
) -> None:
    import psycopg

    assert isinstance(connection, psycopg.Connection)
    connection.execute("ALTER TABLE contact_imports RENAME TO elsewhere")
    response = client.get("/contacts/imports")
    assert error_of(response) == (500, "application_error")
    assert "contact_imports" not in response.text


@pytest.mark.parametrize("chunked", [True, False])
def test_a_json_body_that_is_too_large(client: httpx.Client, chunked: bool) -> None:
    body = b'{"name": "' + b"x" * 2_000_000 + b'"}'
    content = (body[start : start + 1000] for start in range(0, len(body), 1000))
    response = client.post(
        "/segments",
        content=content if chunked else body,
        headers={"Content-Type": "application/json"},
    )
    assert error_of(response) == (413, "validation_error")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("after=x", "after"),
        ("before=x", "before"),
        (f"after={uuid.UUID(int=1)}&before={uuid.UUID(int=2)}", "after"),
        ("status=done", "status"),
    ],
)
def test_bad_page_parameters(client: httpx.Client, query: str, named: str) -> None:
    response = client.get(f"/contacts/imports?{query}")
    assert error_of(response) == (422, "validation_error")
    assert f"`{named}`" in response.json()["message"]


def test_import_ids(client: httpx.Client) -> None:
    assert error_of(client.get("/contacts/imports/x")) == (422, "invalid_parameter")
    unknown = client.get(f"/contacts/imports/{uuid.uuid4()}")
    assert error_of(unknown) == (404, "not_found")
    assert unknown.json()["message"] == "Contact import not found"
