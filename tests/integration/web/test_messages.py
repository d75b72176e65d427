"""What a client is told that sent something wrong: what came and what is wanted, in plain words."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from rollcall.api.app import create_app
from rollcall.config import Settings
from tests.support.resources import NOBODY, create_property, error

CSV = b"email,first_name\nada@example.com,Ada\n"
# Words of Python, of its libraries and of our classes, which nobody knows who calls an API.
INNER = re.compile(
    r"instance of|validat|function|[Ee]xpected|codec|decod|pydantic|NoneType|<class|Traceback"
    r"|\b(int|str|bool|bytes|dict|tuple|uuid|enum|model|None|True|False|float|nan|inf)\b"
    r"|[a-z][A-Z][a-z]+[A-Z]?|[Ii]nput should|field required|Error\b|\\'|b'|0x[0-9a-f]{6}"
)
# Names that clients write themselves.
KNOWN = re.compile(r"firstName|lastName|True|False|nan|inf\b")
WRONG: list[Any] = [
    None,
    True,
    0,
    -1.5,
    10**30,
    "",
    " ",
    "x",
    "ab c",
    "a\x00b",
    "\u202ex",
    "x" * 20_000,
    [],
    {},
    [[]],
    [None],
    [0],
    ["x"],
    [{}],
    {"x": None},
    {"id": 7},
    [{"id": 7, "subscription": []}],
]


def told(response: httpx.Response) -> str:
    """Return the message of a refusal, which has to be one that anybody understands."""
    status, name, message = error(response)
    assert 400 <= status < 500, message
    assert name in {"validation_error", "missing_required_field", "invalid_parameter"}, message
    assert message.isprintable(), ascii(message)
    assert len(message) < 600, message
    found = INNER.search(KNOWN.sub("", message))
    assert found is None, (found, message)
    return message


def bodies() -> Iterator[tuple[str, str, str]]:
    """Yield method, path and field of every JSON body, from the document that the app makes."""
    settings = Settings(
        database_url="postgresql://nowhere/x", redis_url="redis://x", storage_url="file:///x"
    )
    document = create_app(settings).openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            reference = schema.get("$ref", "").rpartition("/")[2]
            for field in document["components"]["schemas"].get(reference, {}).get("properties", ()):
                yield method.upper(), path, field


FULL: dict[str, Any] = {
    "email": "ada@example.com",
    "name": "x",
    "key": "x",
    "type": "string",
    "default_subscription": "opt_in",
}


@pytest.mark.parametrize(("method", "path", "field"), list(bodies()))
def test_wrong_values_in_json(client: httpx.Client, method: str, path: str, field: str) -> None:
    address = re.sub(r"\{.*?\}", NOBODY, path)
    refused = 0
    for value in WRONG:
        response = client.request(method, address, json={**FULL, field: value})
        if response.status_code in (200, 201, 404) or "already exists" in response.text:
            continue
        message = told(response)
        assert f"`{field}" in message, (value, message)
        refused += 1
    assert refused


@pytest.mark.parametrize(
    ("path", "method"),
    [("/contacts", "POST"), ("/segments", "POST"), (f"/contacts/{NOBODY}/topics", "PATCH")],
)
def test_bodies_of_another_kind(
    client: httpx.Client, path: str, method: str, subtests: pytest.Subtests
) -> None:
    sent: list[tuple[bytes, str | None, str]] = [
        (b"", "application/json", ""),
        (b"7", "application/json", ""),
        (b"null", "application/json", ""),
        (b'"x"', "application/json", ""),
        (b'{"name": 1,}', "application/json", "not valid JSON"),
        (b"{'name': 1}", "application/json", "not valid JSON"),
        (b'{"name": "\xff"}', "application/json", "UTF-8"),
        (b"[" * 50_000, "application/json", "JSON"),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", ""),
        (b"name=x&email=a%40b.co", "application/x-www-form-urlencoded", "application/json"),
        (b"name: x", "text/yaml", "application/json"),
        (b"\x1f\x8b\x08junk", "application/octet-stream", "application/json"),
        (b"name=x", None, "JSON"),
    ]
    for content, kind, needed in sent:
        with subtests.test(content=content[:20], kind=kind):
            headers = {} if kind is None else {"Content-Type": kind}
            response = client.request(method, path, content=content, headers=headers)
            assert needed in told(response)


def test_wrong_path_ids_and_queries(client: httpx.Client, subtests: pytest.Subtests) -> None:
    wrong = ["x", "0", "\x00", "a b", "é", "x" * 300]
    for path in ("/segments/{}", "/topics/{}", "/contact-properties/{}", "/audiences/{}/contacts"):
        for value in wrong:
            with subtests.test(path=path, value=value[:9]):
                quoted = "".join(f"%{byte:02x}" for byte in value.encode())
                assert "id` must be a valid UUID" in told(client.get(path.format(quoted)))
    import_id = client.post("/contacts/imports", files={"file": CSV}).json()["id"]
    for path, name in (
        ("/contacts", "limit"),
        ("/contacts", "after"),
        ("/contacts", "segment_id"),
        ("/contacts/imports", "before"),
        ("/contacts/imports", "status"),
        (f"/contacts/imports/{import_id}/failures", "code"),
        (f"/contacts/imports/{import_id}/warnings", "after"),
    ):
        for value in (*wrong, "", "-1", "9" * 50):
            with subtests.test(path=path, name=name, value=value[:9]):
                assert f"`{name}`" in told(client.get(path, params={name: value}))
    for value in ("x", "-1", "1.5", "9" * 30):
        with subtests.test(header=value[:9]):
            response = client.get(
                f"/contacts/imports/{import_id}/events", headers={"Last-Event-ID": value}
            )
            assert "`Last-Event-ID` header" in told(response)


def upload(client: httpx.Client, data: bytes = CSV, **fields: str) -> httpx.Response:
    return client.post("/contacts/imports", files={"file": ("c.csv", data)}, data=fields)


def at(places: list[str], value: Any) -> Any:
    """Return an otherwise good value of a form field with something wrong at a place."""
    for place in reversed(places):
        value = [value] if place == "0" else {place: value}
    return value


@pytest.mark.parametrize(
    "place",
    [
        "column_map",
        "column_map email",
        "column_map first_name",
        "column_map unsubscribed",
        "column_map nickname",
        "column_map properties",
        "column_map properties plan",
        "column_map properties plan column",
        "column_map properties plan type",
        "column_map properties a-b",
        "segments",
        "segments 0",
        "segments 0 id",
        "topics",
        "topics 0",
        "topics 0 id",
        "topics 0 subscription",
    ],
)
def test_wrong_values_in_form_fields(client: httpx.Client, place: str) -> None:
    field, *inner = place.split()
    refused = 0
    for value in WRONG:
        response = upload(client, CSV, **{field: json.dumps(at(inner, value))})
        if response.status_code == 201:
            continue
        message = told(response)
        assert f"`{field}" in message or message.startswith("CSV missing"), (value, message)
        refused += 1
    assert refused


@pytest.mark.parametrize("field", ["column_map", "segments", "topics"])
def test_form_fields_that_are_no_json(client: httpx.Client, field: str) -> None:
    for text in (
        "[object Object]",
        "{'email': 'E'}",
        "x",
        "{",
        NOBODY,
        "a=b",
        "\ufeff{}",
        "[" * 9999,
    ):
        message = told(upload(client, CSV, **{field: text}))
        assert f"`{field}`" in message
        assert f"as JSON: {'{' if field == 'column_map' else '['}" in message, message


@pytest.mark.parametrize("field", ["on_conflict", "resubscribe", "dry_run"])
def test_form_fields_that_are_a_word(client: httpx.Client, field: str) -> None:
    for text in ("", "x", "TRUE", "1", "null", "[]", "x" * 5000):
        assert f"`{field}`" in told(upload(client, CSV, **{field: text}))


def test_a_message_says_what_came_and_what_is_wanted(client: httpx.Client) -> None:
    create_property(client)
    for body, message in (
        ({"first_name": 7}, "Invalid `first_name` field: it must be a string, not the number 7."),
        ({"email": "ada"}, 'Invalid `email` field: it must be an e-mail address, not "ada".'),
        (
            {"unsubscribed": "no"},
            'Invalid `unsubscribed` field: it must be true or false, not "no".',
        ),
        ({"properties": []}, "Invalid `properties` field: it must be an object, not an array."),
        ({"segments": {}}, "Invalid `segments` field: it must be an array, not an object."),
        ({"segments": ["x"]}, 'Invalid `segments.0.id` field: it must be a UUID, not "x".'),
        (
            {"topics": [{"id": NOBODY, "subscription": "in"}]},
            'Invalid `topics.0.subscription` field: it must be opt_in or opt_out, not "in".',
        ),
    ):
        assert told(client.post("/contacts", json={"email": "a@b.co", **body})) == message
    assert (
        told(client.post("/contacts", json=[])) == "The body must be a JSON object, not an array."
    )
    assert told(upload(client, column_map='{"properties":{"plan":"Plan"}}')) == (
        'Invalid `column_map.properties.plan`: it must be an object, not "Plan". Send `column_map`'
        ' once, as JSON: {"email":"Email","full_name":"Name","properties":{"plan":'
        '{"column":"Plan"},"price":{"column":"Price","type":"number","decimal":","}}}.'
    )
    assert told(upload(client, column_map='{"last_name":""}')) == (
        "Invalid `column_map.last_name`: it must not be empty; leave the field out when no column"
        " has it."
    )


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "x"])
def test_a_compressed_body(client: httpx.Client, coding: str, subtests: pytest.Subtests) -> None:
    for method, path in (
        ("POST", "/contacts/imports"),
        ("POST", "/contacts"),
        ("PATCH", f"/contacts/{NOBODY}"),
        ("DELETE", f"/segments/{NOBODY}"),
        ("POST", "/api-keys"),
    ):
        with subtests.test(path=path):
            headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
            response = client.request(method, path, content=b"\x1f\x8bjunk", headers=headers)
            assert response.status_code == 415
            assert "`Content-Encoding`" in told(response)
            assert ".gz" in told(response)


@pytest.mark.parametrize("coding", ["identity", "Identity", "", "identity,identity"])
def test_a_body_that_is_not_compressed(client: httpx.Client, coding: str) -> None:
    headers = {"Content-Encoding": coding}
    assert client.post("/segments", json={"name": "x"}, headers=headers).status_code == 201
    response = client.post("/contacts/imports", files={"file": CSV}, headers=headers)
    assert response.status_code == 201


def test_the_coding_is_looked_at_before_the_body_and_after_the_key(api: str, team_key: str) -> None:
    address = urlsplit(api)
    for key, status in ((team_key, b"415"), ("re_unknown", b"403")):
        with socket.create_connection((address.hostname, address.port or 0)) as raw:
            raw.sendall(
                f"POST /contacts/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                "Expect: 100-continue\r\nContent-Encoding: gzip\r\nContent-Length: 9000000\r\n"
                "Content-Type: multipart/form-data; boundary=xx\r\n\r\n".encode()
            )
            assert raw.recv(100).startswith(b"HTTP/1.1 " + status)
