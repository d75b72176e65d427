"""The official command line, unmodified: every command for the resources that Rollcall has."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Team
from tests.support.patience import PATIENCE, wait_until

GROUPS = ("contacts", "segments", "topics", "contact-properties", "api-keys")
OTHERS = {"login", "doctor", "commands"}
EMAIL = "eve+tag@example.com"
COLUMN_MAP = {
    "email": "Email",
    "firstName": "First Name",
    "properties": {"seats": {"column": "Seats", "type": "number"}},
}


class CommandFailed(Exception):
    """The command line's `error`, on its standard error."""


class CommandLine:
    """`resend … --json`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._program = shutil.which("resend", path=environment["PATH"])
        self.called: set[str] = set()

    def __call__(self, command: str, *arguments: str) -> Any:
        """Run a command and return what it prints."""
        assert self._program is not None
        self.called.add(command)
        done = subprocess.run(
            [self._program, *command.split(), *arguments, "--json"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            raise CommandFailed(done.stderr)
        return json.loads(done.stdout)

    def commands(self) -> set[str]:
        """Every command for the resources that Rollcall has, as the program itself lists them."""
        groups = self("commands")["subcommands"]
        return {
            command for group in groups if group["name"] in GROUPS for command in _leaves(group)
        }


def _leaves(node: dict[str, Any], above: str = "") -> Iterator[str]:
    name = f"{above} {node['name']}".strip()
    if not node["subcommands"]:
        yield name
    for child in node["subcommands"]:
        yield from _leaves(child, name)


@pytest.fixture
def resend(client_environment: dict[str, str], team: Team) -> CommandLine:
    """The command line, logged in: it has no key but the one that it stored itself."""
    del client_environment["RESEND_API_KEY"]
    quiet = {"RESEND_TELEMETRY_DISABLED": "1", "RESEND_NO_UPDATE_NOTIFIER": "1"}
    command_line = CommandLine({**client_environment, **quiet, "RESEND_CREDENTIAL_STORE": "file"})
    logged_in = command_line("login", "--key", team.key)
    assert (logged_in["success"], logged_in["permission"]) == (True, "full_access")
    return command_line


def test_every_command(resend: CommandLine, tmp_path: Path) -> None:
    doctor(resend)
    segment = segments(resend)
    topic = topics(resend)
    properties(resend)
    contacts(resend, segment, topic)
    imports(resend, segment, topic, tmp_path)
    removals(resend, segment, topic)
    api_keys(resend)
    assert resend.called - OTHERS == resend.commands()


def test_keys_that_may_do_less(resend: CommandLine) -> None:
    key = resend("api-keys create", "--name", "Mailer", "--permission", "sending_access")
    assert resend("login", "--key", key["token"])["permission"] == "sending_access"
    with pytest.raises(CommandFailed, match="insufficient_permissions"):
        resend("contacts list")
    with pytest.raises(CommandFailed, match="API key is invalid"):
        resend("login", "--key", "re_unknown")
    with pytest.raises(CommandFailed, match="invalid_key_format"):
        resend("login", "--key", "unknown")


def doctor(resend: CommandLine) -> None:
    """The program's own version it asks of its publisher; the rest is between it and us."""
    found = resend("doctor")
    assert found["ok"] is True
    checks = {check["name"]: (check["status"], check["message"]) for check in found["checks"]}
    assert checks["API Key"][0] == "pass"
    assert checks["Domains"] == ("warn", "No domains configured")


def segments(resend: CommandLine) -> str:
    created = resend("segments create", "--name", "Newsletter")
    id_: str = created["id"]
    assert created == {"object": "segment", "id": id_, "name": "Newsletter"}
    renamed = resend("segments update", id_, "--name", "News")
    assert renamed == {"object": "segment", "id": id_, "name": "News"}
    shown = resend("segments get", id_)
    assert shown == renamed | {"created_at": shown["created_at"]}
    resend("segments create", "--name", "Other")
    page = resend("segments list", "--limit", "1")
    assert (page["has_more"], [item["name"] for item in page["data"]]) == (True, ["Other"])
    page = resend("segments list", "--after", page["data"][0]["id"])
    assert (page["has_more"], [item["name"] for item in page["data"]]) == (False, ["News"])
    with pytest.raises(CommandFailed, match="Segment not found"):
        resend("segments get", "00000000-0000-0000-0000-000000000000")
    return id_


def topics(resend: CommandLine) -> str:
    created = resend("topics create", "--name", "Offers", "--default-subscription", "opt_out")
    id_: str = created["id"]
    assert created == {"object": "topic", "id": id_}
    resend("topics update", id_, "--name", "Deals", "--description", "Now and then")
    shown = resend("topics get", id_)
    assert (shown["name"], shown["description"]) == ("Deals", "Now and then")
    assert shown["default_subscription"] == "opt_out"
    assert [item["id"] for item in resend("topics list")["data"]] == [id_]
    return id_


def properties(resend: CommandLine) -> None:
    plan = ("--key", "plan", "--type", "string", "--fallback-value", "free")
    id_ = resend("contact-properties create", *plan)["id"]
    seats = ("--key", "seats", "--type", "number", "--fallback-value", "4")
    other = resend("contact-properties create", *seats)["id"]
    shown = resend("contact-properties get", other)
    assert (shown["key"], shown["type"], shown["fallbackValue"]) == ("seats", "number", 4)
    resend("contact-properties update", id_, "--fallback-value", "none")
    assert resend("contact-properties get", id_)["fallbackValue"] == "none"
    resend("contact-properties update", id_, "--clear-fallback-value")
    listed = resend("contact-properties list", "--limit", "5")["data"]
    found = [(item["key"], item["fallbackValue"]) for item in listed]
    assert found == [("seats", 4), ("plan", None)]
    removed = resend("contact-properties delete", other, "--yes")
    assert removed == {"object": "contact_property", "id": other, "deleted": True}


def contacts(resend: CommandLine, segment: str, topic: str) -> None:
    name = ("--first-name", "Eve", "--last-name", "Poe")
    more = ("--properties", '{"plan":"pro"}', "--segment-id", segment)
    created = resend("contacts create", "--email", EMAIL, *name, *more)
    id_ = created["id"]
    assert created == {"object": "contact", "id": id_}
    shown = resend("contacts get", EMAIL)
    assert shown == {
        "object": "contact",
        "id": id_,
        "email": EMAIL,
        "first_name": "Eve",
        "last_name": "Poe",
        "unsubscribed": False,
        "created_at": shown["created_at"],
        "properties": {"plan": {"value": "pro", "type": "string"}},
    }
    assert [item["id"] for item in resend("segments contacts", segment)["data"]] == [id_]
    assert [item["id"] for item in resend("contacts segments", EMAIL)["data"]] == [segment]
    assert resend("contacts remove-segment", id_, segment)["deleted"] is True
    assert resend("contacts add-segment", EMAIL, "--segment-id", segment)["segment_id"] == segment
    choices = json.dumps([{"id": topic, "subscription": "opt_in"}])
    assert resend("contacts topics", id_)["data"][0]["subscription"] == "opt_out"
    assert resend("contacts update-topics", EMAIL, "--topics", choices)["id"] == id_
    assert resend("contacts topics", EMAIL)["data"][0]["subscription"] == "opt_in"
    resend("contacts update", id_, "--unsubscribed", "--properties", '{"plan":null}')
    shown = resend("contacts get", id_)
    assert (shown["unsubscribed"], shown["properties"]) == (True, {})
    resend("contacts update", id_, "--no-unsubscribed")
    listed = resend("contacts list", "--limit", "1")["data"]
    assert [(item["id"], item["unsubscribed"]) for item in listed] == [(id_, False)]


def imports(resend: CommandLine, segment: str, topic: str, folder: Path) -> None:
    file = folder / "contacts.csv"
    file.write_text("Email,First Name,Seats\nada@example.com,Ada,3\nbob@example.com,Bob,\nbad,,\n")
    options = ("--column-map", json.dumps(COLUMN_MAP), "--on-conflict", "upsert")
    choices = json.dumps([{"id": topic, "subscription": "opt_in"}])
    to = ("--segment-id", segment, "--topics", choices)
    created = resend("contacts imports create", "--file", str(file), *options, *to)
    assert created == {"object": "contact_import", "id": created["id"]}
    wait_until(lambda: resend("contacts imports get", created["id"])["status"] == "completed")
    listed = resend("contacts imports list", "--status", "completed")
    assert (listed["has_more"], [item["id"] for item in listed["data"]]) == (False, [created["id"]])
    counts = {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 1}
    assert listed["data"][0]["counts"] == counts
    shown = resend("contacts get", "ada@example.com")
    assert shown["properties"] == {"seats": {"value": 3, "type": "number"}}
    with pytest.raises(CommandFailed, match=r"CSV missing required .*email.* column. Found: Email"):
        resend("contacts imports create", "--file", str(file))


def removals(resend: CommandLine, segment: str, topic: str) -> None:
    assert resend("contacts delete", EMAIL, "--yes")["deleted"] is True
    with pytest.raises(CommandFailed, match="Contact not found"):
        resend("contacts get", EMAIL)
    assert resend("segments delete", segment, "--yes")["deleted"] is True
    assert resend("topics delete", topic, "--yes")["deleted"] is True
    assert len(resend("contacts list")["data"]) == 2


def api_keys(resend: CommandLine) -> None:
    created = resend("api-keys create", "--name", "CI", "--permission", "full_access")
    assert set(created) == {"id", "token"}
    resend("api-keys update", created["id"], "--name", "Deploy")
    listed = resend("api-keys list", "--limit", "1")["data"]
    assert [(item["id"], item["name"]) for item in listed] == [(created["id"], "Deploy")]
    assert resend("api-keys delete", created["id"], "--yes")["deleted"] is True
    assert created["id"] not in [item["id"] for item in resend("api-keys list")["data"]]
