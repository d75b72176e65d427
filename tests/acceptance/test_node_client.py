"""The official Node client, unmodified: every method of every resource that Rollcall has."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import wait_until

CSV = """\
Email,First Name,Plan,Seats,Active
ada@example.com,Ada,pro,3,yes
bob@example.com,Bob,free,,
bad,,,,
"""
# What is shown of an import by itself only.
ALONE = {"changes", "column_map", "dialect"}
COLUMN_MAP = {
    "email": "Email",
    "firstName": "First Name",
    "properties": {
        "plan": {"column": "Plan", "type": "string"},
        "seats": {"column": "Seats", "type": "number"},
        "active": {"column": "Active", "type": "boolean"},
    },
}


class NodeClientError(Exception):
    """The Node client's `error`."""


class NodeClient:
    """The client in a process of its own; see clients/node_client.mjs."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen
        self.methods: set[str] = set(self._read())
        self.called: set[str] = set()

    def __call__(self, method: str, *arguments: Any) -> Any:
        """Call a method and return its `data`."""
        assert self._popen.stdin is not None
        self.called.add(method)
        self._popen.stdin.write(json.dumps({"method": method, "arguments": arguments}) + "\n")
        self._popen.stdin.flush()
        answer = self._read()
        if answer["error"] is not None:
            raise NodeClientError(answer["error"])
        return answer["data"]

    def _read(self) -> Any:
        assert self._popen.stdout is not None
        return json.loads(self._popen.stdout.readline())


@pytest.fixture
def node(node_clients: Path, client_environment: dict[str, str]) -> Iterator[NodeClient]:
    """The Node client, pointed at the running product."""
    with subprocess.Popen(
        ["node", "node_client.mjs"],
        cwd=node_clients,
        env=client_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as popen:
        yield NodeClient(popen)


def test_every_method(node: NodeClient) -> None:
    segment = segments(node)
    topic = topics(node)
    properties(node)
    contacts(node, segment, topic)
    imports(node, segment, topic)
    audiences(node, segment)
    api_keys(node)
    assert node.called == node.methods


def segments(node: NodeClient) -> str:
    created = node("segments.create", {"name": "Newsletter"})
    assert created == {"object": "segment", "id": created["id"], "name": "Newsletter"}
    renamed = node("segments.update", created["id"], {"name": "News"})
    assert renamed == {"object": "segment", "id": created["id"], "name": "News"}
    shown = node("segments.get", created["id"])
    assert shown == renamed | {"created_at": shown["created_at"]}
    other: str = node("segments.create", {"name": "Other"})["id"]
    page = node("segments.list", {"limit": 1})
    assert (page["object"], page["has_more"]) == ("list", True)
    assert [item["name"] for item in page["data"]] == ["Other"]
    page = node("segments.list", {"after": other})
    assert (page["has_more"], [item["name"] for item in page["data"]]) == (False, ["News"])
    removed = node("segments.remove", created["id"])
    assert removed == {"object": "segment", "id": created["id"], "deleted": True}
    with pytest.raises(NodeClientError, match="Segment not found"):
        node("segments.get", created["id"])
    return other


def topics(node: NodeClient) -> str:
    topic = {"name": "Offers", "description": "Now and then", "defaultSubscription": "opt_out"}
    created = node("topics.create", topic)
    id_: str = created["id"]
    assert created == {"object": "topic", "id": id_}
    assert node("topics.update", {"id": id_, "name": "Deals", "visibility": "public"})["id"] == id_
    shown = node("topics.get", id_)
    assert shown == {
        "object": "topic",
        "id": id_,
        "name": "Deals",
        "description": "Now and then",
        "default_subscription": "opt_out",
        "visibility": "public",
        "created_at": shown["created_at"],
    }
    other = node("topics.create", {"name": "Other", "defaultSubscription": "opt_in"})["id"]
    assert [item["id"] for item in node("topics.list")["data"]] == [other, id_]
    removed = node("topics.remove", other)
    assert removed == {"object": "topic", "id": other, "deleted": True}
    return id_


def properties(node: NodeClient) -> None:
    plan = {"key": "plan", "type": "string", "fallbackValue": "free"}
    created = node("contactProperties.create", plan)
    assert created == {"object": "contact_property", "id": created["id"]}
    assert node("contactProperties.update", {"id": created["id"], "fallbackValue": "none"})
    shown = node("contactProperties.get", created["id"])
    assert shown == plan | {
        "object": "contact_property",
        "id": created["id"],
        "fallbackValue": "none",
        "createdAt": shown["createdAt"],
    }
    other = node("contactProperties.create", {"key": "age", "type": "number", "fallbackValue": 7})
    listed = node("contactProperties.list", {"limit": 5})["data"]
    found = [(item["key"], item["type"], item["fallbackValue"]) for item in listed]
    assert found == [("age", "number", 7), ("plan", "string", "none")]
    removed = node("contactProperties.remove", other["id"])
    assert removed == {"object": "contact_property", "id": other["id"], "deleted": True}
    with pytest.raises(NodeClientError, match="validation_error"):
        node("contactProperties.create", plan)


def contacts(node: NodeClient, segment: str, topic: str) -> None:
    given = {
        "email": "eve+tag@example.com",
        "firstName": "Eve",
        "properties": {"plan": "pro"},
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    created = node("contacts.create", given)
    id_ = created["id"]
    assert created == {"object": "contact", "id": id_}
    assert node("contacts.create", {"email": given["email"]}) == created
    for which in (id_, {"id": id_}, {"email": given["email"]}):
        shown = node("contacts.get", which)
        assert shown == {
            "object": "contact",
            "id": id_,
            "email": "eve+tag@example.com",
            "first_name": "Eve",
            "last_name": None,
            "unsubscribed": False,
            "created_at": shown["created_at"],
            "properties": {"plan": {"value": "pro", "type": "string"}},
        }
    memberships(node, id_, segment)
    subscriptions(node, id_, topic)
    changed_and_removed(node, id_)


def memberships(node: NodeClient, contact: str, segment: str) -> None:
    listed = node("contacts.segments.list", {"contactId": contact, "limit": 3})["data"]
    assert [item["id"] for item in listed] == [segment]
    added = {"object": "contact_segment", "id": segment}
    added |= {"contact_id": contact, "segment_id": segment}
    which = {"contactId": contact, "segmentId": segment}
    assert node("contacts.segments.remove", which) == added | {"deleted": True}
    assert node("contacts.list", {"segmentId": segment})["data"] == []
    which = {"email": "eve+tag@example.com", "segmentId": segment}
    assert node("contacts.segments.add", which) == added
    listed = node("contacts.list", {"segmentId": segment, "limit": 1})["data"]
    assert [item["id"] for item in listed] == [contact]


def subscriptions(node: NodeClient, contact: str, topic: str) -> None:
    [listed] = node("contacts.topics.list", {"email": "eve+tag@example.com"})["data"]
    assert (listed["id"], listed["name"], listed["subscription"]) == (topic, "Deals", "opt_in")
    choices = [{"id": topic, "subscription": "opt_out"}]
    saved = node("contacts.topics.update", {"id": contact, "topics": choices})
    assert (saved["object"], saved["id"]) == ("contact_topics", contact)
    [listed] = node("contacts.topics.list", {"id": contact, "limit": 1})["data"]
    assert listed["subscription"] == "opt_out"


def changed_and_removed(node: NodeClient, contact: str) -> None:
    change = {"id": contact, "lastName": "Poe", "unsubscribed": True, "properties": {"plan": None}}
    assert node("contacts.update", change) == {"object": "contact", "id": contact}
    shown = node("contacts.get", contact)
    assert (shown["first_name"], shown["last_name"]) == ("Eve", "Poe")
    assert (shown["unsubscribed"], shown["properties"]) == (True, {})
    assert node("contacts.update", {"email": "eve+tag@example.com", "firstName": None})
    assert node("contacts.get", contact)["first_name"] is None
    with pytest.raises(NodeClientError, match="validation_error"):
        node("contacts.update", {"id": contact, "properties": {"unknown": "x"}})
    removed = node("contacts.remove", {"email": "eve+tag@example.com"})
    assert (removed["object"], removed["contact"], removed["deleted"]) == ("contact", contact, True)
    with pytest.raises(NodeClientError, match="Contact not found"):
        node("contacts.get", contact)


def imports(node: NodeClient, segment: str, topic: str) -> None:
    given = {
        "file": {"$blob": CSV},
        "columnMap": COLUMN_MAP,
        "onConflict": "upsert",
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    created = node("contacts.imports.create", given, {"idempotencyKey": "once"})
    assert created == {"object": "contact_import", "id": created["id"]}
    retried(node, given, created)
    wait_until(lambda: shown_import(node, created["id"])["status"] == "completed")
    shown = shown_import(node, created["id"])
    assert shown["counts"] == {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 1}
    assert shown["completed_at"]
    contact = node("contacts.get", {"email": "ada@example.com"})
    assert contact["properties"] == {
        "plan": {"value": "pro", "type": "string"},
        "seats": {"value": 3, "type": "number"},
        "active": {"value": True, "type": "boolean"},
    }
    types = {item["key"]: item["type"] for item in node("contactProperties.list")["data"]}
    assert types == {"plan": "string", "seats": "number", "active": "boolean"}
    assert len(node("contacts.list", {"segmentId": segment})["data"]) == 2
    listed = node("contacts.imports.list", {"status": "completed", "limit": 1})
    assert (listed["has_more"], listed["data"]) == (
        False,
        [{name: value for name, value in shown.items() if name not in ALONE}],
    )
    with pytest.raises(NodeClientError, match=r'CSV missing required \\?"email\\?" column'):
        node("contacts.imports.create", {"file": {"$blob": CSV}})


def retried(node: NodeClient, given: dict[str, Any], created: Any) -> None:
    """A retry's form has another boundary: what counts is what it says."""
    assert node("contacts.imports.create", given, {"idempotencyKey": "once"}) == created
    other = given | {"onConflict": "skip"}
    with pytest.raises(NodeClientError, match="invalid_idempotent_request"):
        node("contacts.imports.create", other, {"idempotencyKey": "once"})


def shown_import(node: NodeClient, id_: str) -> Any:
    shown = node("contacts.imports.get", id_)
    counts = dict(shown["counts"])
    assert counts.pop("total") == sum(counts.values())
    return shown


def audiences(node: NodeClient, segment: str) -> None:
    """The contacts of a segment under its older name."""
    in_it = {"audienceId": segment, "email": "old@example.com"}
    id_ = node("contacts.create", in_it)["id"]
    assert node("contacts.update", in_it | {"firstName": "Old"})["id"] == id_
    assert node("contacts.get", in_it)["first_name"] == "Old"
    assert node("contacts.list", {"audienceId": segment})["data"][0]["id"] == id_
    removed = node("contacts.remove", in_it)
    assert removed == {"object": "contact", "contact": "old@example.com", "deleted": True}
    with pytest.raises(NodeClientError, match="Contact not found"):
        node("contacts.get", in_it)


def api_keys(node: NodeClient) -> None:
    created = node("apiKeys.create", {"name": "CI", "permission": "full_access"})
    assert set(created) == {"id", "token"}
    assert created["token"].startswith("re_")
    assert node("apiKeys.update", created["id"], {"name": "Deploy"})["id"] == created["id"]
    listed = node("apiKeys.list", {"limit": 1})
    assert [(item["id"], item["name"]) for item in listed["data"]] == [(created["id"], "Deploy")]
    assert listed["has_more"] is True
    node("apiKeys.remove", created["id"])
    assert created["id"] not in [item["id"] for item in node("apiKeys.list")["data"]]
