"""A file that kills every process that works on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg

from tests.support.databases import make_key_of
from tests.support.faults.caller import Caller
from tests.support.faults.world import World, family_of
from tests.support.killing import guilty_file, ports_at_work, ports_of

TEAM = "deadly"
FIRST = "guilty0x0@example.com"


@dataclass
class Deadly:
    """An import of such a file; whoever asks for its end kills who works on it."""

    world: World
    id: uuid.UUID

    def is_given_up(self) -> bool:
        """Kill who works on it, start that again, and tell whether it has failed."""
        with self.world.connect() as connection:
            found = connection.execute(
                "SELECT status, error_code FROM contact_imports WHERE id = %s", (self.id,)
            ).fetchone()
            known = ports_at_work(connection, self.id)
        assert found is not None
        status, error_code = found
        assert status != "completed"
        guilty = {self.world.to_database.client_of(port) for port in known}
        for worker in self.world.workers:
            for process in family_of(worker):
                if guilty & ports_of(process):
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
        self.world.keep_running()
        return (status, error_code) == ("failed", "worker_crashed")


@contextmanager
def deadly_import(world: World) -> Iterator[Deadly]:
    """Upload such a file; whoever works on it waits at its first contact until it is killed."""
    with world.connect() as connection, connection.transaction(force_rollback=True):
        caller = Caller(world.url, make_key_of(world.settings, TEAM))
        _hold_back(connection)
        yield Deadly(world, uuid.UUID(caller.upload(guilty_file(0), {})))
        caller.close()


def _hold_back(connection: psycopg.Connection[Any]) -> None:
    """Write a contact that is not committed."""
    connection.execute(
        "INSERT INTO contacts (team_id, email) SELECT team_id, %s FROM teams WHERE name = %s",
        (FIRST, TEAM),
    )
