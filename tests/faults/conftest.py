"""Two products for all faults, which they have to survive one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.faults.checks import check_end
from tests.support.faults.kinds import KINDS
from tests.support.faults.plan import Fault
from tests.support.faults.rounds import play_round
from tests.support.faults.teams import Team, create_team
from tests.support.faults.world import World, running_world

SEED = "short"
# Small, as a fault is to be over in a few seconds.
SIZE = (100, 600)
TEAMS = 2
SECONDS = 1.0
# What is worse the longer it lasts: longer than a lease.
LASTING = 2.5


@dataclass
class Product:
    """What runs, and its teams, which go on from one fault to the next."""

    world: World
    teams: list[Team]

    def survive(self, kind: str) -> None:
        """Have such a fault happen once, and check what has come of the imports meanwhile."""
        if not KINDS[kind].is_possible(self.world):
            pytest.skip(f"NO DISK COULD BE FILLED: {self.world.no_disk}")
        fault = Fault((kind,), 0.2, LASTING if KINDS[kind].lasts else SECONDS)
        told = play_round(self.world, self.teams, [fault], f"{SEED} {kind}")
        assert told.differences == []
        assert told.imports >= len(self.teams)


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Uploads are kept on a disk of their own."""
    with running(tmp_path_factory.mktemp("faults"), in_bucket=False) as product:
        yield product


@pytest.fixture(scope="module")
def in_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Uploads are kept in a bucket."""
    with running(tmp_path_factory.mktemp("faults"), in_bucket=True) as product:
        yield product


@contextmanager
def running(folder: Path, *, in_bucket: bool) -> Iterator[Product]:
    """Start everything once; in the end, nothing that was deleted must be left."""
    with running_world(folder, in_bucket=in_bucket) as world:
        teams = [create_team(world, f"team{number}", SEED) for number in range(TEAMS)]
        for team in teams:
            team.size = SIZE
        yield Product(world, teams)
        with world.connect() as connection:
            assert check_end(connection) == []
