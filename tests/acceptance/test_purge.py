"""What is deleted is gone at once; the worker removes what it has left behind."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from tests.support.patience import wait_until


def test_the_worker_removes_what_deleted_segments_properties_and_topics_have_left(
    http: httpx.Client, connection: psycopg.Connection[Any]
) -> None:
    segment = http.post("/segments", json={"name": "s"}).json()["id"]
    made = http.post("/contact-properties", json={"key": "plan", "type": "string"}).json()["id"]
    topic = http.post("/topics", json={"name": "t", "default_subscription": "opt_out"}).json()["id"]
    contact = {
        "email": "a@example.com",
        "properties": {"plan": "pro"},
        "segments": [segment],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    assert http.post("/contacts", json=contact).status_code == 201
    assert http.delete(f"/segments/{segment}").status_code == 200
    assert http.delete(f"/contact-properties/{made}").status_code == 200
    assert http.delete(f"/topics/{topic}").status_code == 200
    shown = http.get("/contacts/a@example.com").json()
    assert shown["properties"] == {}
    assert http.get("/contacts/a@example.com/segments").json()["data"] == []
    for left in (
        "SELECT FROM segment_memberships",
        "SELECT FROM segments",
        "SELECT FROM contact_properties",
        "SELECT FROM topics",
        "SELECT FROM contacts WHERE properties <> '{}' OR topics <> '{}'",
    ):
        wait_until(lambda left=left: connection.execute(left).fetchone() is None)  # type: ignore[misc]
