"""The official MCP server, unmodified, over stdio: every tool for what Rollcall has."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import wait_until

OURS = re.compile(r"contact|segment|topic|api-key")
PROTOCOL = "2025-06-18"
EMAIL = "eve+tag@example.com"
CSV = "Email,First Name,Seats\nada@example.com,Ada,3\nbob@example.com,Bob,\nbad,,\n"
COLUMN_MAP = {
    "email": "Email",
    "firstName": "First Name",
    "properties": {"seats": {"column": "Seats", "type": "number"}},
}

Record = dict[str, str]


class ToolFailed(Exception):
    """A tool's answer that `isError`."""


class McpClient:
    """JSON-RPC over the standard input and output of an MCP server."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen
        self._ids = itertools.count(1)
        self.called: set[str] = set()

    def initialize(self) -> Any:
        """Shake hands; returns what the server says of itself."""
        me = {"name": "rollcall-tests", "version": "1"}
        given = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": me}
        answer = self.request("initialize", given)
        self._send({"method": "notifications/initialized"})
        return answer

    def tools(self) -> set[str]:
        """The names of all tools."""
        found: set[str] = set()
        page: dict[str, Any] = {}
        while True:
            answer = self.request("tools/list", page)
            found |= {tool["name"] for tool in answer["tools"]}
            if "nextCursor" not in answer:
                return found
            page = {"cursor": answer["nextCursor"]}

    def __call__(self, tool: str, /, **arguments: Any) -> list[Record]:
        """Call a tool; returns the records that it tells of, one `Name: value` per line."""
        self.called.add(tool)
        answer = self.request("tools/call", {"name": tool, "arguments": arguments})
        texts = [item["text"] for item in answer["content"]]
        if answer.get("isError"):
            raise ToolFailed(*texts)
        return [record for record in map(_record, texts) if record]

    def request(self, method: str, params: dict[str, Any]) -> Any:
        """Send a request and return its result."""
        id_ = next(self._ids)
        self._send({"id": id_, "method": method, "params": params})
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            message = json.loads(line)
            if message.get("id") == id_:
                return message["result"]
        raise AssertionError("the server has closed its output")

    def _send(self, message: dict[str, Any]) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._popen.stdin.flush()


def _record(text: str) -> Record:
    pairs = [line.partition(": ") for line in text.splitlines()]
    return {name: value for name, separator, value in pairs if separator}


@pytest.fixture
def mcp(client_environment: dict[str, str]) -> Iterator[McpClient]:
    """The MCP server, pointed at the running product."""
    program = shutil.which("resend-mcp", path=client_environment["PATH"])
    assert program is not None
    with subprocess.Popen(
        [program],
        env=client_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as popen:
        yield McpClient(popen)


def test_every_tool(mcp: McpClient, tmp_path: Path) -> None:
    assert mcp.initialize()["serverInfo"]["name"] == "resend"
    tools = {name for name in mcp.tools() if OURS.search(name)}
    segment = segments(mcp)
    topic = topics(mcp)
    properties(mcp)
    contacts(mcp, segment, topic)
    imports(mcp, segment, topic, tmp_path)
    removals(mcp, segment, topic)
    api_keys(mcp)
    assert mcp.called == tools


def segments(mcp: McpClient) -> str:
    [created] = mcp("create-segment", name="Newsletter")
    id_ = created["ID"]
    assert created == {"Name": "Newsletter", "ID": id_}
    assert mcp("update-segment", id=id_, name="News") == [{"ID": id_}]
    [shown] = mcp("get-segment", id=id_)
    assert shown == {"Name": "News", "ID": id_, "Created at": shown["Created at"]}
    [other] = mcp("create-segment", name="Other")
    assert [item["ID"] for item in mcp("list-segments")] == [other["ID"], id_]
    assert [item["ID"] for item in mcp("list-segments", after=other["ID"], limit=1)] == [id_]
    with pytest.raises(ToolFailed, match="Segment not found"):
        mcp("get-segment", id="00000000-0000-0000-0000-000000000000")
    return id_


def topics(mcp: McpClient) -> str:
    [created] = mcp("create-topic", name="Offers", defaultSubscription="opt_out")
    id_ = created["ID"]
    mcp("update-topic", id=id_, name="Deals", description="Now and then")
    [shown] = mcp("get-topic", id=id_)
    assert shown == {
        "Name": "Deals",
        "ID": id_,
        "Description": "Now and then",
        "Default subscription": "opt_out",
        "Visibility": "private",
        "Created at": shown["Created at"],
    }
    assert [item["ID"] for item in mcp("list-topics")] == [id_]
    return id_


def properties(mcp: McpClient) -> None:
    [created] = mcp("create-contact-property", key="plan", type="string", fallbackValue="free")
    plan = created["ID"]
    [created] = mcp("create-contact-property", key="age", type="number", fallbackValue=7)
    age = created["ID"]
    listed = [(item["Key"], item["Fallback value"]) for item in mcp("list-contact-properties")]
    assert listed == [("age", "7"), ("plan", "free")]
    mcp("update-contact-property", contactPropertyId=plan, fallbackValue=None)
    [shown] = mcp("get-contact-property", contactPropertyId=plan)
    assert (shown["Key"], shown["Type"], shown["Fallback value"]) == ("plan", "string", "none")
    assert mcp("remove-contact-property", contactPropertyId=age) == [{"ID": age}]
    assert [item["Key"] for item in mcp("list-contact-properties", limit=5)] == ["plan"]


def contacts(mcp: McpClient, segment: str, topic: str) -> None:
    choices = [{"id": topic, "subscription": "opt_in"}]
    given = {"firstName": "Eve", "properties": {"plan": "pro"}}
    [created] = mcp("create-contact", email=EMAIL, segmentIds=[segment], topics=choices, **given)
    id_ = created["ID"]
    [shown] = mcp("get-contact", email=EMAIL)
    assert shown == {
        "ID": id_,
        "Email": EMAIL,
        "First name": "Eve",
        "Unsubscribed": "false",
        "Properties": '{"plan":{"value":"pro","type":"string"}}',
        "Created at": shown["Created at"],
    }
    change = {"firstName": None, "lastName": "Poe", "properties": {"plan": None}}
    assert mcp("update-contact", id=id_, unsubscribed=True, **change) == [{"ID": id_}]
    [shown] = mcp("get-contact", id=id_)
    assert (shown["Last name"], shown["Unsubscribed"]) == ("Poe", "true")
    assert "First name" not in shown
    assert "Properties" not in shown
    assert [item["ID"] for item in mcp("list-contacts", segmentId=segment)] == [id_]
    assert [item["ID"] for item in mcp("list-contact-segments", email=EMAIL)] == [segment]
    mcp("remove-contact-from-segment", contactId=id_, segmentId=segment)
    assert mcp("list-contact-segments", contactId=id_, limit=1) == []
    mcp("add-contact-to-segment", email=EMAIL, segmentId=segment)
    assert [item["ID"] for item in mcp("list-contacts", segmentId=segment)] == [id_]
    [listed] = mcp("list-contact-topics", id=id_)
    assert (listed["ID"], listed["Subscription"]) == (topic, "opt_in")
    choices = [{"id": topic, "subscription": "opt_out"}]
    assert mcp("update-contact-topics", email=EMAIL, topics=choices) == [{"Contact ID": id_}]
    assert mcp("list-contact-topics", email=EMAIL)[0]["Subscription"] == "opt_out"


def imports(mcp: McpClient, segment: str, topic: str, folder: Path) -> None:
    file = folder / "contacts.csv"
    file.write_text(CSV)
    given: dict[str, Any] = {"columnMap": COLUMN_MAP, "onConflict": "skip"}
    given["segmentIds"] = [segment]
    given["topics"] = [{"id": topic, "subscription": "opt_in"}]
    [created] = mcp("create-contact-import", filePath=str(file), **given)
    first = completed(mcp, created["Import ID"])
    counts = {"Total": "3", "Created": "2", "Updated": "0", "Skipped": "0", "Failed": "1"}
    assert first.items() >= counts.items()
    [created] = mcp("create-contact-import", content=CSV, **given)
    second = completed(mcp, created["Import ID"])
    assert second.items() >= (counts | {"Created": "0", "Skipped": "2"}).items()
    assert mcp("list-contact-imports", status="completed") == [second, first]
    [shown] = mcp("get-contact", email="ada@example.com")
    assert shown["Properties"] == '{"seats":{"value":3,"type":"number"}}'
    with pytest.raises(ToolFailed, match="CSV missing required"):
        mcp("create-contact-import", content=CSV)


def completed(mcp: McpClient, id_: str) -> Record:
    wait_until(lambda: mcp("get-contact-import", id=id_)[0]["Status"] == "completed")
    [shown] = mcp("get-contact-import", id=id_)
    assert shown["Completed at"]
    return shown


def removals(mcp: McpClient, segment: str, topic: str) -> None:
    mcp("remove-contact", email=EMAIL)
    with pytest.raises(ToolFailed, match="Contact not found"):
        mcp("get-contact", email=EMAIL)
    assert mcp("remove-segment", id=segment) == [{"ID": segment}]
    assert mcp("remove-topic", id=topic) == [{"ID": topic}]
    assert len(mcp("list-contacts")) == 2


def api_keys(mcp: McpClient) -> None:
    [created, *_] = mcp("create-api-key", name="CI", permission="full_access")
    assert created["Token"].startswith("re_")
    assert mcp("update-api-key", id=created["ID"], name="Deploy") == [{"ID": created["ID"]}]
    [listed] = mcp("list-api-keys", limit=1)
    assert (listed["ID"], listed["Name"]) == (created["ID"], "Deploy")
    mcp("remove-api-key", id=created["ID"])
    assert created["ID"] not in [item["ID"] for item in mcp("list-api-keys")]
