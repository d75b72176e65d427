"""One product for all faults, which it has to survive one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.faults.checks import check_end
from tests.support.faults.teams import Team, create_team
from tests.support.faults.world import World, running_world

SEED = "short"
# Small, as a fault is to be over in a few seconds.
SIZE = (100, 600)
TEAMS = 2


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start everything once; in the end, nothing that was deleted must be left."""
    with running_world(tmp_path_factory.mktemp("faults")) as world:
        yield world
        with world.connect() as connection:
            assert check_end(connection) == []


@pytest.fixture(scope="package")
def teams(world: World) -> list[Team]:
    """Teams of this product."""
    made = [create_team(world, f"team{number}", SEED) for number in range(TEAMS)]
    for team in made:
        team.size = SIZE
    return made
