"""What a team does while faults happen, one step after the other, and what must come of it.

A team's steps are those of its seed, whatever happens meanwhile; each of them leaves `expected`
imports and `contacts` as the oracle has them. What a step does beside an import it does to rows
whose outcome can still be told.
"""

from __future__ import annotations

import copy
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from tests.support import oracle
from tests.support.databases import make_key_of
from tests.support.faults.caller import Caller
from tests.support.faults.expected import DryRun, Exactly, Expected, Pair
from tests.support.faults.files import FIELDS, FileMaker, Lists, Upload
from tests.support.faults.world import World
from tests.support.patience import PATIENCE

PEOPLE = 2500
ENDED = ("completed", "failed")


class ImportLost(AssertionError):
    """An import has not ended as it should."""


@dataclass
class Team:
    """A team and its contacts, as they must be; used by one thread."""

    id: uuid.UUID
    name: str
    caller: Caller
    seed: str
    # Of files that are sent, the fewest and the most records.
    size: tuple[int, int] = (200, 1200)
    contacts: dict[str, oracle.Contact] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self._begin_step()
        for number in range(2):
            self.segments.append(self.create("/segments", name=f"segment {number}"))
            self.topics.append(self.create_topic(f"topic {number}"))
        for key, type_ in self.files.properties.items():
            self.create("/contact-properties", key=key, type=type_)

    def create(self, path: str, **fields: str) -> str:
        """Create something of the team; return its id."""
        reply = self.caller.post(path, **fields)
        assert reply.answer.status_code == 201, reply.answer.text
        id_: str = reply.json()["id"]
        return id_

    def create_topic(self, name: str) -> str:
        return self.create("/topics", name=name, default_subscription="opt_out")

    def play(self) -> None:
        """Do the next step, to its end."""
        self.steps += 1
        self._begin_step()
        step = self.random.choice(STEPS)
        step(self)

    def _begin_step(self) -> None:
        # Each begins anew, so that it is the same whatever became of those before.
        self.random = random.Random(f"{self.seed} {self.name} {self.steps}")
        self.files = FileMaker(random=self.random)

    def some_people(self) -> list[str]:
        """Choose addresses for a file, in any order."""
        numbers = self.random.sample(range(PEOPLE), self.random.randint(*self.size))
        return [self.address(number) for number in numbers]

    def address(self, number: int) -> str:
        return f"p{number}@{self.name}.example.com"

    def begin(self, upload: Upload) -> uuid.UUID:
        return uuid.UUID(self.caller.upload(upload.data, upload.form()))

    def wait_for(self, import_id: uuid.UUID) -> None:
        """Wait until an import has ended."""
        deadline = time.monotonic() + 2 * PATIENCE
        while True:
            shown = self.caller.get(f"/contacts/imports/{import_id}").json()
            if shown["status"] in ENDED:
                break
            if time.monotonic() > deadline:
                raise ImportLost(f"import {import_id} does not end: {shown}")
            time.sleep(0.1)
        if shown["status"] != "completed":
            raise ImportLost(f"import {import_id} has failed: {shown['error']}")

    def apply(self, upload: Upload) -> oracle.Outcome:
        """Have the oracle import a file into the contacts."""
        return oracle.run_import(upload.data, upload.options, self.contacts)

    def pause(self) -> None:
        """Let some time pass, so that what follows happens at any moment of an import."""
        time.sleep(self.random.uniform(0, 0.3))


def create_team(world: World, name: str, seed: str) -> Team:
    """Create a team with a key; it does what the seed says."""
    key = make_key_of(world.settings, name)
    with world.connect() as connection:
        id_ = _id_of(connection, name)
    caller = Caller(world.url, key)
    world.product.stack.callback(caller.close)
    return Team(id_, name, caller, seed)


def _id_of(connection: psycopg.Connection[tuple[uuid.UUID]], name: str) -> uuid.UUID:
    row = connection.execute("SELECT team_id FROM teams WHERE name = %s", (name,)).fetchone()
    assert row is not None
    return row[0]


def import_people(team: Team) -> None:
    """Import new people, and stored ones again with changes."""
    _import(team, team.files.make(team.some_people(), team.files.some_fields(), _lists(team)))


def skip_people(team: Team) -> None:
    """Import people of which the stored ones are to stay as they are."""
    file = team.files.make(
        team.some_people(), team.files.some_fields(), _lists(team), on_conflict="skip"
    )
    _import(team, file)


def try_people(team: Team) -> None:
    """Have it told what an import would do."""
    made = team.files.make(team.some_people(), team.files.some_fields(), _lists(team))
    upload = Upload(made.data, made.options, dry_run=True)
    import_id = team.begin(upload)
    outcome = oracle.run_import(upload.data, upload.options, copy.deepcopy(team.contacts))
    team.wait_for(import_id)
    team.expected.append(DryRun(import_id, outcome))


def import_in_opposite_order(team: Team) -> None:
    """Import the same addresses twice at once, in opposite order and with different fields."""
    people = team.some_people()
    new = {email for email in people if email not in team.contacts}
    sides = zip(("first_name", "last_name"), team.segments, team.topics, strict=True)
    uploads = []
    for name, segment, topic in sides:
        lists = (segment,), ((topic, "opt_in"),)
        uploads.append(team.files.make(people, [name], lists, is_spoilt=False))
        people = people[::-1]
    ids = [team.begin(upload) for upload in uploads]
    first, second = (Exactly(ids[n], team.apply(upload)) for n, upload in enumerate(uploads))
    for import_id in ids:
        team.wait_for(import_id)
    team.expected.append(Pair(first, second, new))


def delete_lists_meanwhile(team: Team) -> None:
    """Delete a segment, a topic and a property while an import gives them to people."""
    segment = team.create("/segments", name=f"short-lived {team.steps}")
    topic = team.create_topic(f"short-lived {team.steps}")
    key = f"short_lived_{team.steps}"
    property_ = team.create("/contact-properties", key=key, type="string")
    maker = FileMaker(random=team.random, properties={key: "string"})
    lists = (*team.segments, segment), ((topic, "opt_in"),)
    upload = maker.make(team.some_people(), ["first_name", key], lists)
    import_id = team.begin(upload)
    paths = [f"/segments/{segment}", f"/topics/{topic}", f"/contact-properties/{property_}"]
    team.random.shuffle(paths)
    for path in paths:
        team.pause()
        # What was not heard may have been done.
        assert team.caller.delete(path).answer.status_code in (200, 404)
    team.wait_for(import_id)
    team.expected.append(Exactly(import_id, team.apply(upload)))
    for contact in team.contacts.values():
        contact.segments.discard(segment)
        contact.topics.pop(topic, None)
        contact.properties.pop(key, None)


def change_people_meanwhile(team: Team) -> None:
    """Change, create and delete contacts while an import is at work on some of them."""
    chosen = team.some_people()
    stored = [email for email in chosen if email in team.contacts]
    changed, deleted = stored[:4], stored[4:7]
    fields = [name for name in FIELDS if name != "last_name"]
    upload = team.files.make(chosen, fields, _lists(team), is_spoilt=False)
    import_id = team.begin(upload)
    outside = [f"new{team.steps}x{number}@{team.name}.example.com" for number in range(4)]
    for email in changed:
        team.pause()
        reply = team.caller.patch(f"/contacts/{email}", last_name=f"Changed{team.steps}")
        assert reply.answer.status_code == 200, reply.answer.text
    for email in outside:
        team.create("/contacts", email=email, first_name="New")
    asked_twice = {email for email in deleted if _delete(team, email)}
    assert team.caller.delete(f"/contacts/{outside[0]}").answer.status_code == 200
    team.wait_for(import_id)
    gone, outcome = _apply_deletions(team, upload, deleted)
    rows = {email: row for row, email in outcome.emails.items()}
    team.expected.append(Exactly(import_id, outcome, {rows[email] for email in asked_twice & gone}))
    for email in changed:
        team.contacts[email].last_name = f"Changed{team.steps}"
    for email in outside[1:]:
        team.contacts[email] = oracle.Contact(email, first_name="New")


def _delete(team: Team, email: str) -> bool:
    """Delete a contact of a file that is being imported; tell whether that was asked twice."""
    team.pause()
    reply = team.caller.delete(f"/contacts/{email}")
    assert reply.answer.status_code == 200, reply.answer.text
    return reply.tries > 1


def _apply_deletions(
    team: Team, upload: Upload, deleted: Sequence[str]
) -> tuple[set[str], oracle.Outcome]:
    """Import a file into the contacts of which some were deleted before or after their row.

    Who is there in the end was deleted before, and created by it. Returns who is not, too.
    """
    gone = {
        email
        for email in deleted
        if team.caller.get(f"/contacts/{email}").answer.status_code == 404
    }
    for email in set(deleted) - gone:
        del team.contacts[email]
    outcome = team.apply(upload)
    for email in gone:
        del team.contacts[email]
    return gone, outcome


def _lists(team: Team) -> Lists:
    choice = team.random.choice(["opt_in", "opt_out"])
    topics = tuple((topic, choice) for topic in team.topics if team.random.randrange(2))
    segments = tuple(segment for segment in team.segments if team.random.randrange(2))
    return segments, topics


def _import(team: Team, upload: Upload) -> None:
    import_id = team.begin(upload)
    outcome = team.apply(upload)
    team.wait_for(import_id)
    team.expected.append(Exactly(import_id, outcome))


STEPS = (
    *(import_people, import_people, skip_people, try_people),
    *(import_in_opposite_order, delete_lists_meanwhile, change_people_meanwhile),
)
