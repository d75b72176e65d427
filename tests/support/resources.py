"""Calls that tests of several resources make to get what they start from."""

from __future__ import annotations

from typing import Any

import httpx

NOBODY = "00000000-0000-0000-0000-000000000000"


def create(client: httpx.Client, path: str, **body: Any) -> str:
    """Create something and return its id."""
    response = client.post(path, json=body)
    assert response.status_code == 201, response.text
    id_: str = response.json()["id"]
    return id_


def create_contact(client: httpx.Client, email: str = "ada@example.com", **body: Any) -> str:
    return create(client, "/contacts", email=email, **body)


def create_segment(client: httpx.Client, name: str = "Friends") -> str:
    return create(client, "/segments", name=name)


def create_topic(client: httpx.Client, name: str = "News", default: str = "opt_out") -> str:
    return create(client, "/topics", name=name, default_subscription=default)


def create_property(client: httpx.Client, key: str = "plan", type_: str = "string") -> str:
    return create(client, "/contact-properties", key=key, type=type_)


def show(client: httpx.Client, path: str) -> dict[str, Any]:
    """Return what is there; it has to be there."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def pages(client: httpx.Client, path: str, limit: int, **query: str) -> list[list[str]]:
    """Walk a list from its beginning to its end; return the ids on each page."""
    found: list[list[str]] = []
    parameters = {"limit": str(limit), **query}
    while True:
        response = client.get(path, params=parameters)
        assert response.status_code == 200, response.text
        body = response.json()
        assert body.keys() == {"object", "has_more", "data"}
        assert body["object"] == "list"
        found.append([item["id"] for item in body["data"]])
        if not body["has_more"]:
            return found
        parameters["after"] = found[-1][-1]


def error(response: httpx.Response) -> tuple[int, str, str]:
    """Return status, name and message of an error in the contract's shape."""
    body = response.json()
    assert body.keys() == {"statusCode", "message", "name"}, response.text
    assert body["statusCode"] == response.status_code
    return response.status_code, body["name"], body["message"]
