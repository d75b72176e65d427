"""What the product must have left when all imports have ended: the oracle's rows, and no others."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from rollcall.storage.objects import Storage
from rollcall.sweeps.stored_files import collect_files
from tests.support import oracle
from tests.support.faults.teams import Team
from tests.support.faults.world import World
from tests.support.outcomes import contacts_of
from tests.support.patience import wait_until

Connection = psycopg.Connection[Any]
# What must never be there while nothing runs, by what it is.
NEVER = {
    "import that has not ended": (
        "SELECT id FROM contact_imports WHERE status NOT IN ('completed', 'failed')"
    ),
    "import with a lease": "SELECT id FROM contact_imports WHERE lease_owner IS NOT NULL",
    "cancellation": "SELECT import_id FROM contact_import_cancellations",
    "batch of no import": (
        "SELECT import_id FROM contact_import_batches EXCEPT SELECT id FROM contact_imports"
    ),
    "failed row of no import": (
        "SELECT import_id FROM contact_import_failures EXCEPT SELECT id FROM contact_imports"
    ),
    "membership of nobody": (
        "SELECT contact_id FROM segment_memberships EXCEPT SELECT id FROM contacts"
    ),
    "transaction that waits for its end": "SELECT gid FROM pg_prepared_xacts",
}
# What goes by itself within some time.
SOON_GONE = {
    "session of an import": "SELECT import_id FROM contact_import_sessions",
    "temporary table": "SELECT relname FROM pg_class WHERE relpersistence = 't'",
}
IN_THE_END_GONE = {
    "deleted segment": "SELECT id FROM segments WHERE deleted_at IS NOT NULL",
    "deleted topic": "SELECT id FROM topics WHERE deleted_at IS NOT NULL",
    "deleted property": "SELECT id FROM contact_properties WHERE deleted_at IS NOT NULL",
    "name to be sorted": "SELECT team_id FROM contact_names_pending",
}


def check_imports(connection: Connection, teams: Iterable[Team]) -> list[str]:
    """Return how imports differ from what the oracle says of them."""
    return [
        f"{team.name}, step {team.steps}: {difference}"
        for team in teams
        for expected in team.expected
        for difference in expected.differences(connection)
    ]


def check_contacts(
    connection: Connection, team_id: uuid.UUID, contacts: dict[str, oracle.Contact]
) -> Iterator[str]:
    """Yield how the contacts of a team differ from what they must be."""
    found = contacts_of(connection, team_id)
    alive = _alive(connection, team_id)
    for email in sorted(found.keys() | contacts.keys()):
        wanted, there = contacts.get(email), found.get(email)
        if there is None or wanted is None:
            yield f"{email}: {there} and not {wanted}"
            continue
        seen = _without_deleted(there, alive)
        if seen != dataclasses.replace(wanted, version=0):
            yield f"{email}: {seen} and not {wanted}"


def _alive(connection: Connection, team_id: uuid.UUID) -> set[str]:
    """Return the ids of segments and topics, and the keys of properties, that are not deleted."""
    rows = connection.execute(
        "SELECT id::text FROM segments WHERE team_id = %(team)s AND deleted_at IS NULL"
        " UNION ALL SELECT id::text FROM topics WHERE team_id = %(team)s AND deleted_at IS NULL"
        " UNION ALL SELECT key FROM contact_properties"
        " WHERE team_id = %(team)s AND deleted_at IS NULL",
        {"team": team_id},
    )
    return {name for (name,) in rows}


def _without_deleted(contact: oracle.Contact, alive: set[str]) -> oracle.Contact:
    return dataclasses.replace(
        contact,
        version=0,
        segments=contact.segments & alive,
        topics={id_: choice for id_, choice in contact.topics.items() if id_ in alive},
        properties={key: value for key, value in contact.properties.items() if key in alive},
    )


def check_rest(connection: Connection) -> list[str]:
    """Return what imports have left besides their results."""
    return [*_find(connection, NEVER), *_wait_for_none(connection, SOON_GONE)]


def check_end(connection: Connection) -> list[str]:
    """Return what is left when workers have had time to remove what was deleted."""
    return _wait_for_none(connection, IN_THE_END_GONE)


def _find(connection: Connection, queries: dict[str, str]) -> list[str]:
    found = {what: connection.execute(query).fetchall() for what, query in queries.items()}
    return [f"{len(rows)} times {what}: {rows[:3]}" for what, rows in found.items() if rows]


def _wait_for_none(connection: Connection, queries: dict[str, str]) -> list[str]:
    try:
        wait_until(lambda: not _find(connection, queries))
    except AssertionError:
        return _find(connection, queries)
    return []


def check_files(world: World, *, may_be_left: bool) -> list[str]:
    """Return how the stored files differ from those of the imports.

    What `may_be_left` by an upload that was broken off is collected first, as a worker does.
    """
    if may_be_left:
        _collect(world.connect, Storage(world.settings.storage_url))
    with world.connect() as connection:
        query = "SELECT object_key, size FROM contact_imports"
        wanted: dict[str, int] = dict(connection.execute(query).fetchall())
    found = asyncio.run(_list_files(world))
    return [
        f"file {key}: {found.get(key)} bytes and not {wanted.get(key)}"
        for key in sorted(wanted.keys() | found.keys())
        if wanted.get(key) != found.get(key)
    ]


async def _list_files(world: World) -> dict[str, int]:
    """Return the sizes of all stored files, of unfinished ones too where these can be seen."""
    url = world.settings.storage_url
    found = {each.key: each.size async for page in Storage(url).list_pages(1000) for each in page}
    return found | _list_unfinished(url)


def _list_unfinished(url: str) -> dict[str, int]:
    if not url.startswith("file:"):
        return {}
    return {str(path): path.stat().st_size for path in Path(urlsplit(url).path).glob("*/*#*")}


def _collect(connect: Callable[[], Connection], storage: Storage) -> int:
    return asyncio.run(collect_files(connect, storage, min_age=timedelta(0)))
