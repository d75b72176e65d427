"""The official Python client, unmodified: every method of every resource that Rollcall has."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest
import resend
from resend.exceptions import ResendError

from tests.acceptance.conftest import Team
from tests.support.patience import wait_until

RESOURCES = (
    "ApiKeys",
    "Audiences",
    "ContactProperties",
    "Contacts",
    "Contacts.Imports",
    "Contacts.Segments",
    "Contacts.Topics",
    "Segments",
    "Topics",
)
EMAIL = "eve+tag@example.com"
CSV = b"Email,First Name,Seats\nada@example.com,Ada,3\nbob@example.com,Bob,\nbad,,\n"
COLUMN_MAP = {
    "email": "Email",
    "first_name": "First Name",
    "properties": {"seats": {"column": "Seats", "type": "number"}},
}


class PythonClient:
    """The client's functions by name, or their async twins."""

    def __init__(self, runner: asyncio.Runner | None) -> None:
        self._runner = runner
        self.called: set[str] = set()

    def __call__(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        """Call a method and return what it returns, without the headers it adds."""
        self.called.add(method)
        if self._runner is None:
            answer = attrgetter(method)(resend)(*arguments, **keywords)
        else:
            answer = self._runner.run(attrgetter(f"{method}_async")(resend)(*arguments, **keywords))
        answer.pop("http_headers")
        return answer


def methods() -> set[str]:
    """Every method of the resources; each has a twin that ends in `_async`."""
    return {
        f"{resource}.{name}"
        for resource in RESOURCES
        for name, _ in inspect.getmembers(attrgetter(resource)(resend), inspect.ismethod)
        if not name.endswith("_async")
    }


@pytest.fixture(params=["sync", "async"])
def python(request: pytest.FixtureRequest, team: Team) -> Iterator[PythonClient]:
    """The Python client, pointed at the running product."""
    before = resend.api_url, resend.api_key
    resend.api_url, resend.api_key = team.url, team.key
    if request.param == "sync":
        yield PythonClient(None)
    else:
        with asyncio.Runner() as runner:
            yield PythonClient(runner)
    resend.api_url, resend.api_key = before


@pytest.mark.filterwarnings("ignore:Audiences is deprecated:DeprecationWarning")
def test_every_method(python: PythonClient) -> None:
    segment = segments(python)
    topic = topics(python)
    properties(python)
    contacts(python, segment, topic)
    imports(python, segment, topic)
    audiences(python)
    api_keys(python)
    assert python.called == methods()


def segments(python: PythonClient) -> str:
    created = python("Segments.create", {"name": "Newsletter"})
    id_: str = created["id"]
    assert created == {"object": "segment", "id": id_, "name": "Newsletter"}
    renamed = python("Segments.update", id_, {"name": "News"})
    assert renamed == {"object": "segment", "id": id_, "name": "News"}
    shown = python("Segments.get", id_)
    assert shown == renamed | {"created_at": shown["created_at"]}
    other = python("Segments.create", {"name": "Other"})["id"]
    page = python("Segments.list", {"limit": 1})
    assert (page["has_more"], [item["id"] for item in page["data"]]) == (True, [other])
    page = python("Segments.list", {"after": other})
    assert (page["has_more"], [item["id"] for item in page["data"]]) == (False, [id_])
    removed = python("Segments.remove", other)
    assert removed == {"object": "segment", "id": other, "deleted": True}
    with pytest.raises(ResendError, match="Segment not found"):
        python("Segments.get", other)
    return id_


def topics(python: PythonClient) -> str:
    topic = {"name": "Offers", "description": "Now and then", "default_subscription": "opt_out"}
    created = python("Topics.create", topic)
    id_: str = created["id"]
    assert created == {"object": "topic", "id": id_}
    assert python("Topics.update", id_, {"name": "Deals"})["id"] == id_
    shown = python("Topics.get", id_)
    assert shown == topic | {
        "object": "topic",
        "id": id_,
        "name": "Deals",
        "visibility": "private",
        "created_at": shown["created_at"],
    }
    other = python("Topics.create", {"name": "Other", "default_subscription": "opt_in"})["id"]
    assert [item["id"] for item in python("Topics.list", {"limit": 5})["data"]] == [other, id_]
    removed = python("Topics.remove", other)
    assert removed == {"object": "topic", "id": other, "deleted": True}
    return id_


def properties(python: PythonClient) -> None:
    plan = {"key": "plan", "type": "string", "fallback_value": "free"}
    created = python("ContactProperties.create", plan)
    assert created == {"object": "contact_property", "id": created["id"]}
    python("ContactProperties.update", {"id": created["id"], "fallback_value": None})
    shown = python("ContactProperties.get", created["id"])
    assert shown == plan | created | {"fallback_value": None, "created_at": shown["created_at"]}
    age = {"key": "age", "type": "number", "fallback_value": 7}
    other = python("ContactProperties.create", age)["id"]
    listed = python("ContactProperties.list", {"limit": 5})["data"]
    assert [(item["key"], item["fallback_value"]) for item in listed] == [
        ("age", 7),
        ("plan", None),
    ]
    removed = python("ContactProperties.remove", other)
    assert removed == {"object": "contact_property", "id": other, "deleted": True}
    with pytest.raises(ResendError, match="plan"):
        python("ContactProperties.create", plan)


def contacts(python: PythonClient, segment: str, topic: str) -> None:
    given = {
        "email": EMAIL,
        "first_name": "Eve",
        "properties": {"plan": "pro"},
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    created = python("Contacts.create", given)
    id_ = created["id"]
    assert created == {"object": "contact", "id": id_}
    for which in ({"id": id_}, {"email": EMAIL}):
        shown = python("Contacts.get", **which)
        assert shown == created | {
            "email": EMAIL,
            "first_name": "Eve",
            "last_name": None,
            "unsubscribed": False,
            "created_at": shown["created_at"],
            "properties": {"plan": {"value": "pro", "type": "string"}},
        }
    memberships(python, id_, segment)
    subscriptions(python, id_, topic)
    change = {
        "email": EMAIL,
        "last_name": "Poe",
        "unsubscribed": True,
        "properties": {"plan": None},
    }
    assert python("Contacts.update", change) == created
    shown = python("Contacts.get", id=id_)
    assert (shown["first_name"], shown["last_name"]) == ("Eve", "Poe")
    assert (shown["unsubscribed"], shown["properties"]) == (True, {})
    removed = python("Contacts.remove", email=EMAIL)
    assert removed == {"object": "contact", "contact": id_, "id": id_, "deleted": True}
    with pytest.raises(ResendError, match="Contact not found"):
        python("Contacts.get", id=id_)


def memberships(python: PythonClient, contact: str, segment: str) -> None:
    listed = python("Contacts.Segments.list", {"email": EMAIL}, {"limit": 3})["data"]
    assert [item["id"] for item in listed] == [segment]
    added = {"object": "contact_segment", "id": segment}
    added |= {"contact_id": contact, "segment_id": segment}
    which = {"contact_id": contact, "segment_id": segment}
    assert python("Contacts.Segments.remove", which) == added | {"deleted": True}
    assert python("Contacts.list", segment_id=segment)["data"] == []
    assert python("Contacts.Segments.add", {"email": EMAIL, "segment_id": segment}) == added
    page = python("Contacts.list", segment_id=segment, params={"limit": 1})
    assert (page["has_more"], [item["id"] for item in page["data"]]) == (False, [contact])


def subscriptions(python: PythonClient, contact: str, topic: str) -> None:
    [listed] = python("Contacts.Topics.list", email=EMAIL)["data"]
    assert (listed["id"], listed["name"], listed["subscription"]) == (topic, "Deals", "opt_in")
    choices = [{"id": topic, "subscription": "opt_out"}]
    saved = python("Contacts.Topics.update", {"id": contact, "topics": choices})
    assert saved["id"] == contact
    [listed] = python("Contacts.Topics.list", contact_id=contact, params={"limit": 1})["data"]
    assert listed["subscription"] == "opt_out"


def imports(python: PythonClient, segment: str, topic: str) -> None:
    given = {
        "file": CSV,
        "column_map": COLUMN_MAP,
        "on_conflict": "upsert",
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    created = python("Contacts.Imports.create", given)
    id_ = created["id"]
    assert created == {"object": "contact_import", "id": id_}
    wait_until(lambda: bool(python("Contacts.Imports.get", id_)["status"] == "completed"))
    page = python("Contacts.Imports.list", {"status": "completed", "limit": 5})
    assert (page["has_more"], [item["id"] for item in page["data"]]) == (False, [id_])
    counts = {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 1}
    assert page["data"][0]["counts"] == counts
    assert len(python("Contacts.list", segment_id=segment)["data"]) == 2
    shown = python("Contacts.get", email="ada@example.com")
    assert shown["properties"] == {"seats": {"value": 3, "type": "number"}}
    with pytest.raises(ResendError, match='CSV missing required "email" column'):
        python("Contacts.Imports.create", {"file": CSV})


def audiences(python: PythonClient) -> None:
    """The client's older name for segments; the contacts in them it asks of `/audiences`."""
    created = python("Audiences.create", {"name": "Old"})
    id_ = created["id"]
    assert created == {"object": "segment", "id": id_, "name": "Old"}
    assert python("Audiences.get", id_)["name"] == "Old"
    assert python("Audiences.list", {"limit": 1})["data"][0]["id"] == id_
    contact = python("Contacts.create", {"audience_id": id_, "email": EMAIL})["id"]
    change = {"audience_id": id_, "id": contact, "first_name": "Eve"}
    assert python("Contacts.update", change)["id"] == contact
    assert python("Contacts.get", id_, email=EMAIL)["first_name"] == "Eve"
    assert [item["id"] for item in python("Contacts.list", id_)["data"]] == [contact]
    removed = python("Contacts.remove", id_, email=EMAIL)
    assert removed == {"object": "contact", "contact": EMAIL, "deleted": True}
    assert python("Audiences.remove", id_) == {"object": "segment", "id": id_, "deleted": True}


def api_keys(python: PythonClient) -> None:
    created = python("ApiKeys.create", {"name": "CI", "permission": "full_access"})
    assert set(created) == {"id", "token"}
    assert python("ApiKeys.update", {"id": created["id"], "name": "Deploy"})["id"] == created["id"]
    page = python("ApiKeys.list", {"limit": 1})
    assert page["has_more"] is True
    assert [(item["id"], item["name"]) for item in page["data"]] == [(created["id"], "Deploy")]
    python("ApiKeys.remove", created["id"])
    assert created["id"] not in [item["id"] for item in python("ApiKeys.list")["data"]]
