"""The servers that are photographed, and teams whose pages have something to show."""

from __future__ import annotations

import json
import re
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from tests.browser.screenshots import people
from tests.support.dashboard import browsing
from tests.support.databases import make_key_of, make_template, own_settings
from tests.support.patience import make_clients_patient, wait_until
from tests.support.product import Process, Product, Team
from tests.support.resources import create, create_contact, create_property, create_segment

ENDED = ("completed", "failed")
SEGMENTS = ("Newsletter", "Wholesale", "Cupping evenings", "Lapsed since spring")
TOPICS = {
    "New arrivals": ("Fresh lots, as soon as they are roasted.", "opt_in"),
    "Offers": ("Sales, at most once a month.", "opt_out"),
    "Events": ("", "opt_out"),
}


@dataclass
class Studio:
    """A running product with three teams: one at work, one that has nothing, one of long values.

    Attributes:
        ids: what stands for a word in braces of an address.
    """

    settings: Settings
    url: str
    worker: Process
    teams: dict[str, Team]
    ids: dict[str, str] = field(default_factory=dict)

    def upload(self, team: str, filename: str, data: bytes, **fields: Any) -> str:
        """Upload a file and return the import's id."""
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
        with self.teams[team].client() as api:
            answer = api.post("/contacts/imports", files={"file": (filename, data)}, data=form)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

    def shown(self, team: str, id_: str) -> dict[str, Any]:
        """Return an import as the API shows it."""
        with self.teams[team].client() as api:
            found: dict[str, Any] = api.get(f"/contacts/imports/{id_}").json()
            return found

    def finish(self, team: str, id_: str) -> str:
        """Wait until an import has ended; return its id."""
        wait_until(lambda: self.shown(team, id_)["status"] in ENDED)
        return id_

    def draft(self, team: str, filename: str, data: bytes, *, is_checked: bool = False) -> str:
        """Upload a file as the wizard does, and have it checked if asked; return the draft's id."""
        with self.teams[team].client() as api, browsing(api) as browser:
            answer = browser.post("/dashboard/imports/new", files={"file": (filename, data)})
            id_ = re.findall("/drafts/([0-9a-f-]{36})", answer.headers.get("location", ""))[0]
            if is_checked:
                said: dict[str, str] = {"on_conflict": "upsert", "resubscribe": "false", "note": ""}
                for step, form in {"columns": {}, "options": said}.items():
                    browser.post(f"/dashboard/drafts/{id_}/{step}", data=form)
            return str(id_)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no import go on within the block."""
        self.worker.popen.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.worker.popen.send_signal(signal.SIGCONT)


@contextmanager
def open_studio() -> Iterator[Studio]:
    """Start servers of its own, as the tests do, and make the teams."""
    make_clients_patient()
    with (
        tempfile.TemporaryDirectory(prefix="rollcall-screenshots-") as name,
        EmbeddedServices(Path(name) / "services", for_tests=True) as services,
        ExitStack() as stack,
    ):
        make_template(services)
        own = own_settings(services, Path(name), redis_database=1)
        # A worker that is held for a picture stays the one that has the import.
        settings = stack.enter_context(own).model_copy(update={"lease_seconds": 900})
        product = Product(settings, Path(name), stack)
        worker = product.start("worker")
        url = product.start_api()
        names = {"full": "Lantern Coffee Roasters", "empty": "A new team", "long": people.LONG_NAME}
        teams = {
            key: Team(url, make_key_of(settings, team, "Website")) for key, team in names.items()
        }
        yield Studio(settings, url, worker, teams)


def furnish(studio: Studio) -> None:
    """Give the teams what their pages show."""
    with studio.teams["full"].client() as api:
        _make_lists(studio, api)
        _import_customers(studio)
        found = api.get("/contacts", params={"limit": 1}).json()["data"]
        studio.ids["contact"] = found[0]["id"]
        changes = [{"id": studio.ids["topic"], "subscription": "opt_in"}]
        api.patch(f"/contacts/{found[0]['id']}/topics", json=changes)
    studio.ids["doubtful"] = studio.draft("full", "crm export.csv", people.doubtful())
    studio.ids["stopped"] = studio.draft(
        "full", "members.csv", b"Name,City\nAmara Adler,Lisbon\nBen Costa,Porto\n"
    )
    studio.ids["certain"] = studio.draft("full", "roastery.csv", people.customers(0, 400))
    studio.ids["checked"] = studio.draft(
        "full", "autumn fair.csv", people.customers(300, 400, are_good=False), is_checked=True
    )
    _make_long(studio)


def _make_lists(studio: Studio, api: httpx.Client) -> None:
    for name in SEGMENTS:
        studio.ids["segment"] = create_segment(api, name)
    for name, (description, default) in TOPICS.items():
        body = {"name": name, "default_subscription": default}
        described = body | ({"description": description} if description else {})
        studio.ids["topic"] = create(api, "/topics", **described)
    for key, type_ in (("subscription", "string"), ("cups_a_day", "number"), ("city", "string"),
                       ("wholesale", "boolean"), ("loyalty_card", "string")):  # fmt: skip
        studio.ids["property"] = create_property(api, key, type_)
    for name, permission in (("Checkout", "sending_access"), ("Nightly export", "full_access")):
        studio.ids["key"] = create(api, "/api-keys", name=name, permission=permission)


def _import_customers(studio: Studio) -> None:
    def run(filename: str, data: bytes, **fields: Any) -> str:
        fields = {"column_map": people.FIELDS, "segments": [{"id": studio.ids["segment"]}]} | fields
        return studio.finish("full", studio.upload("full", filename, data, **fields))

    studio.ids["clean"] = run("customers 2024.csv", people.customers(0, 2_000))
    studio.ids["failing"] = run(
        "customers 2025.csv",
        people.customers(1_400, 6_000, are_good=False),
        on_conflict="upsert",
        note="Exported from the shop on the first of November.",
    )
    studio.ids["rehearsal"] = run(
        "newsletter.csv", people.customers(7_200, 300), dry_run="true", segments=[]
    )


def _make_long(studio: Studio) -> None:
    with studio.teams["long"].client() as api:
        for number in range(200):
            create_property(api, f"answer_{number}{'_of_the_survey' * 3}"[:50])
        for number in range(30):
            studio.ids["long_segment"] = create_segment(api, f"{number} {people.LONG_NAME}"[:255])
        create(api, "/topics", name="T" * 50, default_subscription="opt_in")
        properties = {
            each["key"]: people.LONG_NAME
            for each in api.get("/contact-properties", params={"limit": 60}).json()["data"]
        }
        studio.ids["long_contact"] = create_contact(
            api,
            people.LONG_EMAIL,
            first_name=people.LONG_NAME,
            last_name=people.LONG_NAME,
            properties=properties,
            segments=[studio.ids["long_segment"]],
        )
        create(api, "/api-keys", name="K" * 50)
    data = f"Email,{people.LONG_WORD}\n{people.LONG_EMAIL},{people.LONG_NAME}\n"
    data += f"{people.LONG_NAME},{people.LONG_NAME}\n" * 3
    answer = {"answer": {"column": people.LONG_WORD, "type": "string"}}
    studio.ids["long_import"] = studio.finish(
        "long",
        studio.upload(
            "long",
            people.LONG_FILE,
            data.encode(),
            column_map={"email": "Email", "properties": answer},
            note=people.LONG_NAME,
            segments=[{"id": studio.ids["long_segment"]}],
        ),
    )
    studio.ids["long_draft"] = studio.draft("long", people.LONG_FILE, people.wide())


@contextmanager
def at_work(studio: Studio) -> Iterator[None]:
    """Hold a worker in the middle of an import; others wait, and one will have lost its file."""
    data = people.customers(10_000, 250_000, are_good=False)
    id_ = studio.upload("full", "customers all.csv", data, column_map=people.FIELDS)
    studio.ids["running"] = id_
    wait_until(lambda: studio.shown("full", id_)["progress"] > 0.3)
    with studio.held():
        folder = Path(studio.settings.storage_url.removeprefix("file://"))
        before = set(folder.rglob("*"))
        for name, filename in (("waiting", "customers 2026.csv"), ("doomed", "old shop.csv")):
            studio.ids[name] = studio.upload(
                "full", filename, people.customers(300_000, 50), column_map=people.FIELDS
            )
            if name == "doomed":
                for file in set(folder.rglob("*")) - before:
                    file.unlink()
            before = set(folder.rglob("*"))
        studio.ids["checking"] = studio.draft(
            "full", "spring fair.csv", people.customers(300_100, 900), is_checked=True
        )
        yield
    with studio.teams["full"].client() as api:
        api.post(f"/contacts/imports/{id_}/cancel")
    for name in ("running", "waiting", "doomed"):
        studio.finish("full", studio.ids[name])
